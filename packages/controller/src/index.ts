/**
 * The program of the box at the door, as one pure function: `step(controller, event, now)` gives the next controller
 * and a list of effects. It never asks a clock, never moves a bolt and never forgets: hosts (browser, Node, ESP32)
 * bring the events and carry out the effects, in order.
 */
export { newController, step, type Turn } from './step.ts'
export { willOf } from './link.ts'
export type { Controller } from './state.ts'
export type { Effect, Event, Facts, Identity, Key, Offered, Tone } from './types.ts'
