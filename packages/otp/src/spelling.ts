/** What people and their devices put between groups of characters: also the no-break and thin spaces of typesetters. */
const blanks = '\t\n\r \u00a0\u2009\u202f'

/** The text without its blanks, wherever they are. */
export function withoutBlanks (text: string): string {
  let rest = ''
  for (let i = 0; i < text.length; i++) {
    const char = text.charAt(i)
    if (!blanks.includes(char)) rest += char
  }
  return rest
}
