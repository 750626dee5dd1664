import type { InLanguages } from '../platform/language.ts'
import { inAll } from '../platform/needs/all.ts'
import { Problem } from '../platform/problems.ts'

/** Most compartments that one form makes. */
export const MOST_NAMES = 500
const LONGEST_NAME = 80

/**
 * The names that a range stands for: `A01-A50`, or several with commas, `A01-A12,B01,Parcel`. Zeros in front of the first
 * number say how wide all are; the prefix may be left out at the end (`A01-12`).
 * @throws Problem badRequest on the field `range`, naming the part that is wrong and why
 */
export function namesOfRange (text: string): string[] {
  const names: string[] = []
  for (const part of text.split(/[,;\n]/).map((one) => one.trim()).filter((one) => one !== '')) {
    names.push(...namesOfPart(part))
    if (names.length > MOST_NAMES) throw wrong(inAll((needs) => needs.rangeTooMany(MOST_NAMES)))
  }
  if (names.length === 0) throw wrong(inAll((needs) => needs.rangeEmpty))
  const seen = new Set<string>()
  for (const name of names) {
    // The database compares without case, too.
    if (seen.has(name.toLowerCase())) throw wrong(inAll((needs) => needs.rangeTwice(shown(name))))
    if ([...name].length > LONGEST_NAME) throw wrong(inAll((needs) => needs.rangeLong(shown(name), LONGEST_NAME)))
    if (/[\p{Cc}\u2028-\u202e\u2066-\u2069]/u.test(name)) throw wrong(inAll((needs) => needs.rangeSign))
    seen.add(name.toLowerCase())
  }
  return names
}

function namesOfPart (part: string): string[] {
  const ends = /^(\D*|.*\D)(\d{1,9})\s*[-–—]\s*(.*\D|)(\d{1,9})$/.exec(part)
  if (ends === null) return [part]
  const [, prefix = '', first = '', lastPrefix = '', last = ''] = ends
  if (lastPrefix !== '' && lastPrefix !== prefix) throw wrong(inAll((needs) => needs.rangeLetters(shown(part))))
  const from = Number(first)
  const to = Number(last)
  if (to < from) throw wrong(inAll((needs) => needs.rangeOrder(shown(part))))
  if (to - from >= MOST_NAMES) throw wrong(inAll((needs) => needs.rangePartTooMany(shown(part), MOST_NAMES)))
  return Array.from({ length: to - from + 1 }, (_, i) => prefix + String(from + i).padStart(first.length, '0'))
}

function wrong (needs: InLanguages): Problem {
  return new Problem('badRequest', { errors: [{ field: 'range', needs }] })
}

function shown (text: string): string {
  return text.length > 40 ? text.slice(0, 40) + '…' : text
}
