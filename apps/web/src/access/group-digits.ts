/** Digits in groups that are easy to keep in mind while walking to a keypad: 3+3, 3+4, 4+4, 3+3+3. */
export function groupDigits (digits: string): string[] {
  if (digits.length <= 4) return [digits]
  const last = digits.length % 3 === 0 ? 3 : 4
  const rest = digits.length - last
  return [...(rest > 4 ? groupDigits(digits.slice(0, rest)) : [digits.slice(0, rest)]), digits.slice(rest)]
}
