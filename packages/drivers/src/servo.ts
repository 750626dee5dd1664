/** A hobby servo such as the SG90: 50 pulses a second, their width is the angle. It says nothing back. */

/** Microseconds from one pulse to the next. */
export const PERIOD_US = 20_000
/** How long pulses go on for a move; then they end, so that the horn neither hums nor jitters when others use the rail. */
export const MOVE_MS = 600

/** The angles of the default profile, degrees. */
export const lockAngle = 90
export const unlockAngle = 0

/** What a unit was measured to need at 0 and at 180 degrees, microseconds. */
export type Calibration = { readonly zeroUs: number, readonly straightUs: number }

/** The whole range that such servos understand. */
export const defaultCalibration: Calibration = { zeroUs: 500, straightUs: 2400 }

/**
 * The pulse for an angle. Clamped twice: to the half circle, and to 500 to 2400 us, beyond which a servo breaks its
 * stops, whatever a calibration says.
 * @param degrees 0 to 180
 * @returns microseconds, whole
 */
export function pulseUs (degrees: number, calibration: Calibration = defaultCalibration): number {
  const { zeroUs, straightUs } = calibration
  const angle = clamp(degrees, 0, 180)
  return clamp(Math.round(zeroUs + (straightUs - zeroUs) * angle / 180), 500, 2400)
}

/** What a servo is doing: the pulse that goes out, 0 = none, and until when. */
export type Servo = { readonly us: number, readonly until: number }

/** No pulses: the state after power came. Nothing is driven until somebody asks for it. */
export const idleServo: Servo = { us: 0, until: 0 }

/** Starts a move. @param now monotonic, ms */
export function turnTo (degrees: number, now: number, calibration: Calibration = defaultCalibration): Servo {
  return { us: pulseUs(degrees, calibration), until: now + MOVE_MS }
}

/** Ends the pulses when a move had its time. */
export function rest (servo: Servo, now: number): Servo {
  return servo.us !== 0 && now >= servo.until ? idleServo : servo
}

/** NaN counts as the low end: a wrong number must not become a wild pulse. */
function clamp (value: number, low: number, high: number): number {
  return value >= low ? Math.min(value, high) : low
}
