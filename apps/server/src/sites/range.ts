import type { InLanguages } from '../platform/language.ts'
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
    if (names.length > MOST_NAMES) throw wrong({ en: `has more than ${MOST_NAMES} names; make several banks of it`, de: `Das sind mehr als ${MOST_NAMES} Namen. Machen Sie mehrere Schränke daraus.` })
  }
  if (names.length === 0) throw wrong({ en: 'names at least one compartment, like A01-A12', de: 'Nennen Sie mindestens ein Fach, etwa A01-A12.' })
  const seen = new Set<string>()
  for (const name of names) {
    // The database compares without case, too.
    if (seen.has(name.toLowerCase())) throw wrong({ en: `names "${shown(name)}" twice`, de: `„${shown(name)}“ kommt zweimal vor.` })
    if ([...name].length > LONGEST_NAME) throw wrong({ en: `has the name "${shown(name)}", which is longer than ${LONGEST_NAME} characters`, de: `„${shown(name)}“ ist länger als ${LONGEST_NAME} Zeichen.` })
    if (/[\p{Cc}\u2028-\u202e\u2066-\u2069]/u.test(name)) throw wrong({ en: 'has a character that can not be shown', de: 'Ein Zeichen darin lässt sich nicht zeigen.' })
    seen.add(name.toLowerCase())
  }
  return names
}

function namesOfPart (part: string): string[] {
  const ends = /^(\D*|.*\D)(\d{1,9})\s*[-–—]\s*(.*\D|)(\d{1,9})$/.exec(part)
  if (ends === null) return [part]
  const [, prefix = '', first = '', lastPrefix = '', last = ''] = ends
  if (lastPrefix !== '' && lastPrefix !== prefix) throw wrong({ en: `has "${shown(part)}": both ends must begin with the same letters`, de: `„${shown(part)}“: Beide Enden müssen mit denselben Buchstaben beginnen.` })
  const from = Number(first)
  const to = Number(last)
  if (to < from) throw wrong({ en: `has "${shown(part)}": the first number must not be larger than the last`, de: `„${shown(part)}“: Die erste Zahl darf nicht größer sein als die letzte.` })
  if (to - from >= MOST_NAMES) throw wrong({ en: `has "${shown(part)}": that is more than ${MOST_NAMES} names; make several banks of it`, de: `„${shown(part)}“: Das sind mehr als ${MOST_NAMES} Namen. Machen Sie mehrere Schränke daraus.` })
  return Array.from({ length: to - from + 1 }, (_, i) => prefix + String(from + i).padStart(first.length, '0'))
}

function wrong (needs: InLanguages): Problem {
  return new Problem('badRequest', { errors: [{ field: 'range', needs }] })
}

function shown (text: string): string {
  return text.length > 40 ? text.slice(0, 40) + '…' : text
}
