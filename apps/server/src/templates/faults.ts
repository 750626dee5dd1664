import type { MessageLanguage, TemplateKind } from '@oncekey/protocol/schemas'
import { fill } from './fill.ts'
import { smsSize } from './gsm.ts'
import { ours, type Words } from './ours.ts'

/** Room that a template has to leave: a site's name and a host as they are in most places. */
const USUAL = { site: 'Harbour Hall', code: '123456', minutes: 10, host: 'keys.example.org' }
/** An SMS in more parts costs as much as so many messages, and arrives less often. In scripts that need twice the room two are taken. */
const MOST_SEGMENTS = { gsm7: 1, ucs2: 2 } as const

/**
 * Why a site's own words are not taken. A link in a message with a code is what thieves send; whoever gets one from us
 * would learn to follow theirs.
 * @returns a sentence for each fault, by the field that has it
 */
export function faultsOf (kind: TemplateKind, language: MessageLanguage, { subject, text }: Words): { field: 'subject' | 'text', needs: string }[] {
  const faults: { field: 'subject' | 'text', needs: string }[] = []
  const fault = (field: 'subject' | 'text', needs: string): void => { faults.push({ field, needs }) }
  const codes = text.split('{code}').length - 1
  if (codes === 0) fault('text', '{code} where the code is to stand')
  if (codes > 1 && kind !== 'voice') fault('text', '{code} once only')
  if (subject.includes('{code}')) fault('subject', 'no {code}: subjects are shown on locked screens and kept by mail servers')
  if (kind === 'email' && subject.trim() === '') fault('subject', 'some words')
  if (kind !== 'email' && subject !== '') fault('subject', 'to be empty: only an e-mail has one')
  // eslint-disable-next-line no-control-regex
  if (/[\u0000-\u001f\u007f-\u009f\u2028\u2029]/.test(subject)) fault('subject', 'one line without control characters')
  // eslint-disable-next-line no-control-regex
  if (/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/.test(text)) fault('text', 'no control characters but line breaks, and none that turn the direction of what follows')
  for (const [field, words] of [['subject', subject], ['text', text]] as const) {
    const strange = /\{(?!(?:code|site|minutes)\})[^}]{0,40}\}?/.exec(words)
    if (strange !== null) fault(field, `${strange[0]} means nothing here: {code}, {site} and {minutes} do`)
    if (hasLink(words) && !hasLink(ours[kind][language][field])) fault(field, 'no link and no address: people learn from yours to follow a thief\'s')
  }
  if (/^@|\n@/.test(text)) fault('text', 'no line that begins with @: the line for browsers is added by itself')
  if (kind === 'text') {
    const { alphabet, characters, segments } = smsSize(fill({ subject, text }, kind, 'sms', USUAL).text)
    if (segments > MOST_SEGMENTS[alphabet]) fault('text', `fewer characters: with a usual name and host it is ${characters} (${alphabet === 'gsm7' ? '160 fit into one SMS' : '70 fit into one SMS, because a sign in it is not in the alphabet of SMS, and 134 into two'})`)
  }
  return faults
}

/** Addresses with a scheme, and names of hosts: a telephone makes a link of each. */
function hasLink (text: string): boolean {
  return /[a-z][a-z\d+.-]*:\/\/|\bwww\.|(?<![\p{L}\d])[\p{L}\d-]+\.(?:\p{L}{2,24}|xn--[a-z\d-]{2,59})(?![\p{L}\d])/iu.test(text)
}
