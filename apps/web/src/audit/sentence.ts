/** A row of the record as a sentence. Pure: the words come from the catalogue that is given. */
import type { AuditRow } from '@oncekey/protocol/schemas'
import type { Params } from '../texts/format.ts'
import type { TextKey } from '../texts/texts.svelte.ts'

/** Gives the text of a key, see `t`. */
export type Say = (key: TextKey, params?: Params) => string
/** A piece of a sentence; names are shown stronger than the words between them. */
export type Piece = { text: string, isName: boolean }

// First strong isolate and its end (Unicode UAX 9) mark the names, so that they are found again after the translation
// has put the words in order. On the page <bdi> isolates them: a name in another script does not turn the sentence around.
const before = '\u2068'
const after = '\u2069'

export function sentence (row: AuditRow, say: Say): Piece[] {
  return pieces(say(keyOf(row), paramsOf(row, say)))
}

/** A name as a parameter of a text that goes through `pieces`. */
export function named (name: string): string {
  return before + name.replaceAll(before, '').replaceAll(after, '') + after
}

/** Cuts a text at the names in it. */
export function pieces (text: string): Piece[] {
  return text.split(/(\u2068[^\u2069]*\u2069)/).filter(Boolean).map(text => text.startsWith(before) ? { text: text.slice(1, -1), isName: true } : { text, isName: false })
}

/** In one piece, to be read out. */
export function plain (sentence: readonly Piece[]): string {
  return sentence.map(piece => piece.text).join('')
}

/** Which sentence fits what the row knows. */
function keyOf (row: AuditRow): TextKey {
  const { details } = row
  switch (row.event) {
    case 'session.refused': return row.subject || row.actor ? 'event.session.refused' : 'event.session.refused.nobody'
    case 'person.changed': return factorKeys[String(details['secondFactor'])] ?? (!isOwn(row) ? resetKeys[String(details['password'])] ?? 'event.person.changed' : 'password' in details ? 'event.person.changed.password' : 'event.person.changed.own')
    case 'person.added': return isOwn(row) ? 'event.person.added.own' : 'event.person.added'
    case 'person.removed': return isOwn(row) ? 'event.person.removed.own' : 'event.person.removed'
    case 'session.ended':
      if (isOwn(row)) return typeof details['sessions'] === 'number' ? 'event.session.ended.others' : 'event.session.ended'
      return row.actor === null || row.subject === null ? 'event.session.ended' : 'event.session.ended.by'
    case 'apiKey.made': case 'apiKey.revoked': case 'apiKey.rotated': return ownName(row) === null ? `event.${row.event}.unnamed` : `event.${row.event}`
    case 'bank.renamed': case 'bank.removed': case 'group.made': case 'group.renamed': case 'group.removed': case 'group.joined': case 'group.left': case 'group.granted': case 'group.grantEnded': return ownName(row) === null ? `event.${row.event}.unnamed` : `event.${row.event}`
    case 'holiday.added': case 'holiday.removed': return ownName(row) === null ? `event.${row.event}.unnamed` : `event.${row.event}`
    case 'bank.added': return ownName(row) === null ? 'event.bank.added.unnamed' : 'event.bank.added'
    case 'alarm.assigned': return row.subject === null ? 'event.alarm.assigned.nobody' : 'event.alarm.assigned'
    case 'code.issued': return row.actor && row.subject && row.actor.id !== row.subject.id ? 'event.code.issued' : 'event.code.issued.own'
    case 'code.delivered': return channelOf(row) === null ? 'event.code.delivered.plain' : 'event.code.delivered'
    case 'verification.sent': case 'verification.fellBack': case 'channel.tested': return channelOf(row) === null ? `event.${row.event}.plain` : `event.${row.event}`
    case 'pin.made': case 'pin.revoked': return pinOf(row) === null ? `event.${row.event}.unnamed` : `event.${row.event}`
    case 'access.granted': return pinOf(row) === null ? 'event.access.granted' : 'event.access.granted.pin'
    case 'access.denied': return pinOf(row) !== null ? 'event.access.denied.pin' : row.subject ? 'event.access.denied.person' : 'event.access.denied'
    case 'lock.commanded': return wants(details) === 'lock' ? 'event.lock.commanded.lock' : 'event.lock.commanded'
    case 'lock.actuated':
      switch (wants(details)) {
        case 'lock': return 'event.lock.actuated.locked'
        case 'unlock':
          if (pinOf(row) !== null) return details['revokedBefore'] === true ? 'event.lock.actuated.pinRevoked' : 'event.lock.actuated.pin'
          return row.subject || row.actor ? 'event.lock.actuated.opened' : 'event.lock.actuated.unlocked'
        default: return 'event.lock.actuated'
      }
    default: return `event.${row.event}`
  }
}

function paramsOf (row: AuditRow, say: Say): Params {
  const person = row.subject?.name ?? row.actor?.name
  const point = row.accessPoint?.name ?? row.controller?.name
  const controller = row.controller?.name ?? row.accessPoint?.name
  const channel = channelOf(row)
  return {
    // Members get rows without the names of those who work here.
    who: named(row.actor?.name || say(row.actor === null ? 'record.system' : 'record.staff')),
    person: person ? named(person) : say('record.somebody'),
    point: point ? named(point) : say('record.somewhere'),
    controller: controller ? named(controller) : say('record.aController'),
    place: placeOf(row) ?? point ? named(placeOf(row) ?? point ?? '') : say('record.somewhere'),
    name: named(ownName(row) ?? pinOf(row) ?? ''),
    receiver: ownName(row) === null ? say('record.aReceiver') : named(ownName(row) ?? ''),
    source: say(sourceKeys[String(row.details['source'])] ?? 'record.byUnknown'),
    state: say(doorKeys[String(row.details['doorState'] ?? row.details['state'])] ?? 'record.doorUnknown'),
    channel: channel === null ? '' : say(channel)
  }
}

/** What became of somebody's second factors, by the server's words. */
const factorKeys: Record<string, TextKey | undefined> = {
  'authenticator added': 'event.person.changed.totpAdded', 'authenticator removed': 'event.person.changed.totpRemoved', 'passkey added': 'event.person.changed.passkeyAdded', 'passkey removed': 'event.person.changed.passkeyRemoved',
  'recovery codes renewed': 'event.person.changed.codesRenewed', 'recovery code used': 'event.person.changed.codeUsed', 'second factors removed': 'event.person.changed.factorsRemoved'
}

/** What an operator does for somebody who can not come in. */
const resetKeys: Record<string, TextKey | undefined> = { reset: 'event.person.changed.reset', 'invited again': 'event.person.changed.invited' }

/** Somebody did it to themselves. */
function isOwn ({ actor, subject }: AuditRow): boolean {
  return actor !== null && actor.id === subject?.id
}

const sourceKeys: Record<string, TextKey | undefined> = {
  keypad: 'record.byCode', remote: 'record.byRemote', auto: 'record.byAuto', manual: 'record.byManual', offlineCode: 'record.byOfflineCode'
}
const doorKeys: Record<string, TextKey | undefined> = {
  open: 'record.doorOpen', closed: 'record.doorClosed', jammed: 'record.doorJammed', forcedOpen: 'record.doorForcedOpen', ajar: 'record.doorAjar'
}
const channelKeys: Record<string, TextKey | undefined> = {
  email: 'record.channelEmail', sms: 'record.channelSms', whatsapp: 'record.channelWhatsapp', voice: 'record.channelVoice', inbox: 'record.channelInbox'
}

function wants (details: AuditRow['details']): 'lock' | 'unlock' | null {
  const word = details['mode'] ?? details['op']
  if (word === 'unlock' || word === 'unlocked') return 'unlock'
  return word === 'lock' || word === 'locked' ? 'lock' : null
}

function channelOf ({ details }: AuditRow): TextKey | null {
  return channelKeys[String(details['channel'])] ?? null
}

/** What a standing pin is called. */
function pinOf ({ details }: AuditRow): string | null {
  const { pin } = details
  return typeof pin === 'string' ? pin : null
}

/** What an order that stands is about, by its name of the moment. */
function placeOf ({ details }: AuditRow): string | null {
  const { place } = details
  return typeof place === 'string' && place !== '' ? place : null
}

function ownName ({ details }: AuditRow): string | null {
  const { name } = details
  return typeof name === 'string' && name !== '' ? name : null
}
