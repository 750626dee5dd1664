import type { TemplateKind, VerificationChannel } from '@oncekey/protocol/schemas'
import { inGsm, smsSize } from './gsm.ts'
import type { Words } from './ours.ts'

export type Filling = { site: string, code: string, minutes: number, host: string }

/** Fewer signs of a name say nobody's name. */
const LEAST_OF_NAME = 8

/** A message as somebody gets it. Subjects are not sealed: no digits go in. */
export function fill (words: Words, kind: TemplateKind, channel: VerificationChannel, filling: Filling): Words {
  const subject = put(words.subject, { ...filling, code: '' })
  if (kind === 'email') return { subject, text: `${put(words.text, filling)}\n\n${lastLine(filling)}` }
  // Read out sign by sign, with a breath between them: "482" would be four hundred and eighty-two.
  if (kind === 'voice') return { subject, text: put(words.text, { ...filling, code: Array.from(filling.code).join(', ') }) }
  // Browsers read the code out of SMS alone, and only of the last line.
  return { subject, text: fitted((site) => channel === 'sms' ? `${put(words.text, { ...filling, site })}\n${lastLine(filling)}` : put(words.text, { ...filling, site }), filling.site) }
}

/** Whether a message ends with the line for browsers: they read it in SMS and e-mail. */
export function hasLastLine (channel: VerificationChannel): boolean {
  return channel === 'sms' || channel === 'email'
}

/** WebOTP, origin-bound one-time codes: a browser offers the code at that host's page only. */
function lastLine ({ host, code }: Filling): string {
  return `@${host} #${code}`
}

/**
 * With as much of the name as one SMS has room for. One letter outside of its alphabet would more than halve that room, so
 * names are written in it where their letters allow.
 */
function fitted (make: (site: string) => string, name: string): string {
  const site = smsSize(make('')).alphabet === 'gsm7' ? inGsm(name) : name.normalize('NFC')
  const signs = Array.from(site)
  for (let length = signs.length; length >= Math.min(LEAST_OF_NAME, signs.length); length--) {
    const text = make(signs.slice(0, length).join('').trimEnd())
    if (smsSize(text).segments === 1) return text
  }
  return make(site)
}

/** Once, from left to right: a name with a {code} in it is a name. */
function put (text: string, { site, code, minutes }: Filling): string {
  return text.replaceAll(/\{(site|code|minutes)\}/g, (_, word: string) => word === 'site' ? site : word === 'code' ? code : String(minutes))
}
