import type { AuditRow, WebhookEvent } from '@oncekey/protocol/schemas'
import type { House } from '../house.ts'
import { maskAddress } from '../notify/mask.ts'
import type { Ledger, Row, Trx } from '../platform/db.ts'
import { perHouse } from '../platform/per-house.ts'
import { drawText } from '../platform/random.ts'
import { webhookBellOf } from './bell.ts'

/** Something that became of a verification. `messageId`: of which of its messages, where there may be several; `channel`: its way; absent: the verification's; `reason`: a word, never digits. */
export type Told = { event: WebhookEvent, verificationId: string, messageId?: string, channel?: string, reason?: string | null }
type Noted = Told & { at: number }
/** Something that happened at a door; `data` is what a message says of it. `place`: what tells whose site it is. */
type Happened = { event: WebhookEvent, at: number, place: { table: 'access_points' | 'controllers', id: string }, data: Record<string, unknown>, dedupeKey: string }

/** What a group of writes has told is written once at its end: one look for webhooks, however many checks there were, and nothing more where there are none. */
const outboxOf = perHouse((house: House) => {
  let hasSome = false
  const ledger: Ledger<Noted | Happened> = {
    rank: 2,
    async write ({ prepare }, items) {
      const webhooks = await prepare('SELECT id, site_id, events FROM webhooks WHERE removed_at IS NULL ORDER BY id').all()
      if (webhooks.length === 0) return
      const find = prepare('SELECT site_id, recipient, channel, purpose, is_test, visitor FROM verifications WHERE id = ?')
      for (const told of items) {
        if ('place' in told) {
          if (await putHappened(prepare, webhooks, told)) hasSome = true
          continue
        }
        const row = await find.get(told.verificationId)
        // What stays here is not told anywhere either.
        if (row === undefined || (Number(row['is_test']) === 1 && row['visitor'] !== '')) continue
        const wanted = webhooks.filter((one) => one['site_id'] === row['site_id'] && String(one['events']).split(' ').includes(told.event))
        for (const { id } of wanted) {
          await putOut(prepare, String(id), { event: told.event, verificationId: told.verificationId, dedupeKey: `${told.event}:${told.verificationId}:${told.messageId ?? ''}`, body: bodyOf(told, row), now: told.at })
          hasSome = true
        }
      }
    }
  }
  return {
    ledger,
    ring (): void {
      if (!hasSome) return
      hasSome = false
      webhookBellOf(house).ring()
    }
  }
})

/** Tells every webhook that wants to know, in the transaction of what happened: either both are there or neither. */
export function tellWebhooks (trx: Trx, house: House, told: Told): void {
  const outbox = outboxOf(house)
  trx.note(outbox.ledger, { ...told, at: house.clock() })
  trx.after(outbox.ring)
}

/** Tells of a row of the record, where it is one that webhooks may hear of; in the transaction of the row. */
export function tellOfRow (trx: Trx, house: House, row: Omit<AuditRow, 'seq'>): void {
  const events = eventsOf(row)
  const place = row.accessPoint !== null ? { table: 'access_points' as const, id: row.accessPoint.id } : row.controller !== null ? { table: 'controllers' as const, id: row.controller.id } : null
  if (events.length === 0 || place === null) return
  const outbox = outboxOf(house)
  for (const event of events) trx.note(outbox.ledger, { event, at: row.time, place, data: dataOf(event, row), dedupeKey: `${event}:${house.newId()}` })
  trx.after(outbox.ring)
}

/** An alarm is told as one also where it is something else besides. */
function eventsOf ({ event, severity, details }: Omit<AuditRow, 'seq'>): WebhookEvent[] {
  const own = doorEvents[event]
  const isMove = event === 'lock.actuated' && details['mode'] === 'unlock' && details['lockState'] === 'unlocked'
  return [...own === undefined ? [] : [own], ...isMove ? ['access.opened' as const] : [], ...severity === 'alarm' ? ['alarm.raised' as const] : []]
}

const doorEvents: Readonly<Partial<Record<AuditRow['event'], WebhookEvent>>> = {
  'access.denied': 'access.refused', 'keypad.lockedOut': 'keypad.lockedOut', 'controller.connected': 'controller.online', 'controller.disconnected': 'controller.offline',
  'code.issued': 'code.issued', 'access.granted': 'code.used', 'code.expired': 'code.expired'
}

/** Where and what, and of a person the id alone: whoever may know a name has it by that. Never digits, which no row has. */
function dataOf (event: WebhookEvent, { event: kind, accessPoint, controller, subject, actor, reason, details }: Omit<AuditRow, 'seq'>): Record<string, unknown> {
  const person = subject ?? actor
  return {
    accessPoint, controller, ...event === 'alarm.raised' ? { kind } : { personId: person?.id ?? null },
    ...event === 'access.refused' && { reason }, ...event === 'access.opened' && { source: String(details['source'] ?? '') }, ...typeof details['codeId'] === 'string' && event !== 'alarm.raised' && { codeId: details['codeId'] }
  }
}

async function putHappened (prepare: Trx['prepare'], webhooks: readonly Row[], { event, at, place, data, dedupeKey }: Happened): Promise<boolean> {
  const wanted = webhooks.filter((one) => String(one['events']).split(' ').includes(event))
  if (wanted.length === 0) return false
  const row = await prepare(`SELECT site_id FROM ${place.table} WHERE id = ?`).get(place.id)
  const mine = wanted.filter((one) => one['site_id'] === row?.['site_id'])
  for (const { id } of mine) await putOut(prepare, String(id), { event, verificationId: null, dedupeKey, body: envelopeOf(event, at, data), now: at })
  return mine.length > 0
}

export type Message = { event: WebhookEvent | 'webhook.test', verificationId: string | null, dedupeKey: string, body: string, now: number }

/** Puts one message out; a second one with its dedupe key is none. @returns its id, the receiver's `webhook-id` */
export async function putOut (prepare: Trx['prepare'], webhookId: string, { event, verificationId, dedupeKey, body, now }: Message): Promise<string> {
  const id = newMessageId(now)
  await prepare(`INSERT INTO webhook_deliveries (id, webhook_id, dedupe_key, event, verification_id, body, state, attempts, next_at, created_at)
    VALUES (?, ?, ?, ?, ?, ?, 'waiting', 0, ?, ?) ON CONFLICT (webhook_id, dedupe_key) DO NOTHING`).run(id, webhookId, dedupeKey, event, verificationId, body, now, now)
  return id
}

let count = 0
/** In the order in which they were put out, and not to be guessed: 96 random bits behind time and number. */
function newMessageId (now: number): string {
  count = (count + 1) % 36 ** 3
  return `msg_${now.toString(36).padStart(9, '0')}${count.toString(36).padStart(3, '0')}${drawText(12, 'base64url').replaceAll('-', 'x').replaceAll('_', 'y')}`
}

/** A message in test, too: the same envelope. */
export function envelopeOf (type: Message['event'], at: number, data: Record<string, unknown>): string {
  return JSON.stringify({ type, timestamp: new Date(at).toISOString(), data })
}

/**
 * The address is masked: webhooks belong to the site and keys to programs, so what one program asks would be told to all
 * others. Whoever asked has the id, and by its key the address.
 */
function bodyOf ({ event, verificationId, channel, reason = null, at }: Noted, row: Row): string {
  return envelopeOf(event, at, {
    id: verificationId, to: maskAddress(String(row['recipient'])), channel: channel ?? String(row['channel']), purpose: String(row['purpose']), isTest: Number(row['is_test']) === 1, reason
  })
}
