/** How hard a password is to guess, in words. Advice only: the server's list of common passwords decides. */
export type Strength = 'short' | 'weak' | 'fair' | 'good' | 'strong'

/** Characters that nearly every guessing program tries first. */
const common = /^(?:password|passwort|qwert[yz]|letmein|welcome|admin|iloveyou|abc123|0?123456)/i

export function strengthOf (password: string, knownWords: readonly string[] = []): Strength {
  const length = [...password].length
  if (length < 8) return 'short'
  const kinds = [/\p{Ll}/u, /\p{Lu}/u, /\d/, /[^\p{L}\d]/u].filter(kind => kind.test(password)).length
  const own = knownWords.flatMap(words => words.toLowerCase().split(/[^\p{L}\d]+/u)).filter(word => word.length >= 4)
  const containsOwn = own.some(word => password.toLowerCase().includes(word))
  if (common.test(password) || new Set(password).size < 5 || isRun(password)) return 'weak'
  // Length counts most: each kind of character is worth two more of them.
  const worth = length + 2 * (kinds - 1) - (containsOwn ? 6 : 0)
  return worth < 10 ? 'weak' : worth < 14 ? 'fair' : worth < 18 ? 'good' : 'strong'
}

/** 12345678, abcdefgh and the like. */
function isRun (password: string): boolean {
  const codes = [...password].map(each => each.codePointAt(0) ?? 0)
  const steps = codes.slice(1).map((code, index) => code - (codes[index] ?? 0))
  return steps.every(step => step === 1) || steps.every(step => step === -1)
}
