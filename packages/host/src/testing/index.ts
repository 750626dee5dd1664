/** A clock that is told when to pass, and the glass of a display. */
export { virtualClock } from './clock.ts'
export { display } from './display.ts'
