/** A door on a Raspberry Pi: the controller program on real pins, or on any others that do the same. */
export { runPi, type Pi, type PiOptions } from './pi.ts'
