import type { Language } from '@oncekey/protocol/schemas'
import { momentIn } from '../platform/language.ts'
import { ar } from './texts/ar.ts'
import { de } from './texts/de.ts'
import { en } from './texts/en.ts'
import { es } from './texts/es.ts'
import { fr } from './texts/fr.ts'
import { hi } from './texts/hi.ts'
import type { AlarmTexts, Told } from './texts/told.ts'

/** Names in a list; a mail is no table. */
const MOST_NAMED = 20
const MOST_BRIEF = 5
const texts: Readonly<Record<Language, AlarmTexts>> = { en, hi, de, es, fr, ar }

/** One message about alarms of one kind: of one place in full, of many by their names. @param list at least one */
export function alarmMail (language: Language, timeZone: string, list: readonly Told[], link: string): { subject: string, text: string } {
  const { kinds, when, over, again, more, many } = texts[language]
  const [first, second] = list
  if (first === undefined) throw new Error('A message about nothing.')
  const { subject, what, todo } = kinds[first.kind]
  const clock = (at: number): string => momentIn(language, timeZone, at, 'medium')
  const times = (told: Told): string => told.kind === 'refused' && told.lastAt !== told.openedAt ? `${clock(told.openedAt)} – ${clock(told.lastAt)}` : clock(told.openedAt)
  if (second === undefined) {
    const notes = [...first.times > 1 && first.kind !== 'refused' ? [again(first.times)] : [], ...first.ended && first.kind !== 'refused' ? [over] : []]
    return { subject: `${subject}: ${first.place}`, text: [[what(first), ...notes].join(' '), `${when}: ${times(first)}`, `${todo}\n${link}`].join('\n\n') }
  }
  const lines = list.slice(0, MOST_NAMED).map((told) => `${what(told)} (${times(told)})`)
  return { subject: many(list.length, subject), text: [lines.join('\n') + (list.length > MOST_NAMED ? '\n' + more(list.length - MOST_NAMED) : ''), `${todo}\n${link}`].join('\n\n') }
}

/** The same for a notification: what happened, in a sentence or the names of some places. */
export function alarmBrief (language: Language, list: readonly Told[]): string {
  const { kinds, more } = texts[language]
  const [first, second] = list
  if (first === undefined || second === undefined) return first === undefined ? '' : kinds[first.kind].what(first)
  const names = list.slice(0, MOST_BRIEF).map(({ place }) => place).join(', ')
  return list.length > MOST_BRIEF ? `${names} ${more(list.length - MOST_BRIEF)}` : names
}

/** To somebody who is to see to an alarm. */
export function assignedMail (language: Language, timeZone: string, told: Told, who: string, link: string): { subject: string, text: string } {
  const { subject, text } = alarmMail(language, timeZone, [told], link)
  return { subject, text: `${texts[language].assigned(who, subject)}\n\n${text}` }
}
