/**
 * Whether somebody who means one of these may type the other by a slip: one key beside another, or two in the wrong order.
 * Calls for help that nobody meant are soon calls that nobody answers.
 */
export function isSlip (one: string, other: string): boolean {
  const apart = [...one].flatMap((digit, at) => digit === other[at] ? [] : [at])
  const [a = 0, b = 0] = apart
  return apart.length < 2 || (apart.length === 2 && b === a + 1 && one[a] === other[b] && one[b] === other[a])
}
