/** By what people are found and in which order they stand: without accents, in lower case, the same for what is typed and what is kept. */

/** Code points of a word; longer ones are found by their beginning. */
const LONGEST_WORD = 40
const MOST_WORDS = 24
/** Of what is typed. More would narrow nothing down. */
const MOST_TERMS = 6
const LONGEST_KEY = 80

/** Letters that Unicode does not take apart. */
const plain: Readonly<Record<string, string>> = { ß: 'ss', ø: 'o', ł: 'l', đ: 'd', ð: 'd', þ: 'th', æ: 'ae', œ: 'oe', ı: 'i' }

function fold (text: string): string {
  return text.normalize('NFKD').toLowerCase().normalize('NFKD').replaceAll(/\p{M}/gu, '').replaceAll(/[ßøłđðþæœı]/g, (letter) => plain[letter] ?? letter)
}

/** By which names are sorted; never empty. */
export function nameKey (name: string): string {
  return cut(fold(name).replaceAll(/\s+/g, ' ').trim() || name.trim() || '?', LONGEST_KEY)
}

/** The words somebody is found by. */
export function wordsOf (person: { name: string, email: string, username: string | null }): string[] {
  // Half of them at most for each, or somebody with a name of very many words would not be found by the address.
  const [name, address] = [split(person.name), split(`${person.username ?? ''} ${person.email}`)]
  const half = MOST_WORDS / 2
  return [...new Set([...name.slice(0, Math.max(half, MOST_WORDS - address.length)), ...address])].slice(0, MOST_WORDS)
}

/** What was typed, as beginnings of words that all have to be there. */
export function termsOf (typed: string, most = MOST_TERMS): string[] {
  return [...new Set(split(typed))].slice(0, most)
}

function split (text: string): string[] {
  return fold(text).split(/[^\p{L}\p{N}]+/u).filter((word) => word !== '').map((word) => cut(word, LONGEST_WORD))
}

function cut (text: string, codePoints: number): string {
  return text.length <= codePoints ? text : Array.from(text).slice(0, codePoints).join('')
}
