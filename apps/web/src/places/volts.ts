/** Volts as people write them, with a point or a comma, in millivolts, whole; null for what is none, and above 100 V. */
export function millivoltsOf (text: string): number | null {
  const typed = text.trim().replace(',', '.')
  const millivolts = /^\d{1,3}(\.\d{1,3})?$/.test(typed) ? Math.round(Number(typed) * 1000) : NaN
  return millivolts <= 100_000 ? millivolts : null
}

export function voltsOf (millivolts: number): string {
  return String(millivolts / 1000)
}
