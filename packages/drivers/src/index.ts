/**
 * The parts of the box at the door, as pure functions: what to write, for how long, and what a reading means. Hosts
 * own the pins and the clock.
 */
export { keys, restingPad, scan, SCAN_MS, type Pad, type PadKey } from './keypad.ts'
export { initLcd, toLcdText, writeRows, type Rows, type Write } from './lcd.ts'
export { defaultCalibration, idleServo, lockAngle, MOVE_MS, PERIOD_US, pulseUs, rest, turnTo, unlockAngle, type Calibration, type Servo } from './servo.ts'
export { notesOf, type Note, type ToneName } from './buzzer.ts'
