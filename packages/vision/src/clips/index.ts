/**
 * Clips that are made from stills: of people who do what a challenge asks, and of those who attack it. They are how the engine
 * is tried, in tests and before a pack of models is used; films of real attacks are nobody's to hand round.
 */
export { seat } from './sitter.ts'
export type { Sitter } from './sitter.ts'
export { pose, render, still } from './posture.ts'
export type { Model as Posed, Posture } from './posture.ts'
export { somebody } from './performer.ts'
export type { Performer } from './performer.ts'
export { attack, attacks } from './attacks.ts'
export type { Attack } from './attacks.ts'
export { attempt } from './attempt.ts'
export type { Outcome } from './attempt.ts'
export { rehearse } from './rehearse.ts'
export { noisy } from './effects.ts'
export { randomFrom } from './random.ts'
