import type { MessageLanguage, TemplateKind } from '@oncekey/protocol/schemas'
import type { InLanguages } from '../platform/language.ts'
import { fill } from './fill.ts'
import { smsSize } from './gsm.ts'
import { ours, type Words } from './ours.ts'
import { inAll } from '../platform/needs/all.ts'

/** Room that a template has to leave: a site's name and a host as they are in most places. */
const USUAL = { site: 'Harbour Hall', code: '123456', minutes: 10, host: 'keys.example.org' }
/** An SMS in more parts costs as much as so many messages, and arrives less often. In scripts that need twice the room two are taken. */
const MOST_SEGMENTS = { gsm7: 1, ucs2: 2 } as const

type TemplateFault = { field: 'subject' | 'text', needs: InLanguages }

/**
 * Why a site's own words are not taken. A link in a message with a code is what thieves send; whoever gets one from us
 * would learn to follow theirs.
 * @returns a sentence for each fault, by the field that has it
 */
export function faultsOf (kind: TemplateKind, language: MessageLanguage, { subject, text }: Words): TemplateFault[] {
  const faults: TemplateFault[] = []
  const fault = (field: TemplateFault['field'], pick: Parameters<typeof inAll>[0]): void => { faults.push({ field, needs: inAll(pick) }) }
  const codes = text.split('{code}').length - 1
  if (codes === 0) fault('text', (needs) => needs.templateNoCode)
  if (codes > 1 && kind !== 'voice') fault('text', (needs) => needs.templateOneCode)
  if (subject.includes('{code}')) fault('subject', (needs) => needs.templateCodeInSubject)
  if (kind === 'email' && subject.trim() === '') fault('subject', (needs) => needs.templateWords)
  if (kind !== 'email' && subject !== '') fault('subject', (needs) => needs.templateNoSubject)
  // eslint-disable-next-line no-control-regex
  if (/[\u0000-\u001f\u007f-\u009f\u2028\u2029]/.test(subject)) fault('subject', (needs) => needs.templateOneLine)
  // eslint-disable-next-line no-control-regex
  if (/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/.test(text)) fault('text', (needs) => needs.templateSigns)
  for (const [field, words] of [['subject', subject], ['text', text]] as const) {
    const strange = /\{(?!(?:code|site|minutes)\})[^}]{0,40}\}?/.exec(words)
    if (strange !== null) fault(field, (needs) => needs.templateStrange(strange[0]))
    if (hasLink(words) && !hasLink(ours[kind][language][field])) fault(field, (needs) => needs.templateLink)
  }
  if (/^@|\n@/.test(text)) fault('text', (needs) => needs.templateAt)
  if (kind === 'text') {
    const { alphabet, characters, segments } = smsSize(fill({ subject, text }, kind, 'sms', USUAL).text)
    if (segments > MOST_SEGMENTS[alphabet]) fault('text', (needs) => needs.templateLong(characters, alphabet === 'gsm7'))
  }
  return faults
}

/** Addresses with a scheme, and names of hosts: a telephone makes a link of each. */
function hasLink (text: string): boolean {
  return /[a-z][a-z\d+.-]*:\/\/|\bwww\.|(?<![\p{L}\d])[\p{L}\d-]+\.(?:\p{L}{2,24}|xn--[a-z\d-]{2,59})(?![\p{L}\d])/iu.test(text)
}
