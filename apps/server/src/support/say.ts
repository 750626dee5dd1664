import type { ConversationState } from '@oncekey/protocol/schemas'
import type { House } from '../house.ts'
import { tellAdministrators, writeTo, writeToAddress } from '../notify/write.ts'
import { checkLinksLead } from '../notify/links.ts'
import type { Actor } from '../people/authority.ts'
import type { Trx } from '../platform/db.ts'
import { Problem } from '../platform/problems.ts'
import { newToken } from '../sessions/tokens.ts'
import { forgetConversation } from './forget.ts'

/** Whoever waits for an answer may add so much to what they wrote. */
const MOST_UNANSWERED = 5
const MOST_MESSAGES = 200
/** Strangers who write within an hour and are told to administrators one by one; of those after them they hear once an hour. */
const MOST_TOLD = 20
const HOUR_MS = 3_600_000
const SUBJECT_LENGTH = 80

/** A row of `conversations`, as far as what is said in it needs. */
export type Row = { id: string, siteId: string, personId: string | null, name: string, email: string, subject: string, state: ConversationState, messages: number, linkSealed: string | null }
export const ROW = 'id, site_id AS "siteId", person_id AS "personId", name, email, subject, state, messages, link_sealed AS "linkSealed"'

export function rowOf (row: Record<string, unknown>): Row {
  const text = (name: string): string | null => row[name] === null ? null : String(row[name])
  return {
    id: String(row['id']), siteId: String(row['siteId']), personId: text('personId'), name: String(row['name']), email: String(row['email']), subject: String(row['subject']),
    state: row['state'] as ConversationState, messages: Number(row['messages']), linkSealed: text('linkSealed') // the column has no other words
  }
}

const binding = (id: string): string => 'conversation:' + id
const pageOf = (house: House, id: string): string => house.link(`/questions?question=${id}`)

/** A new question: for the operators' page, and to the owners' and administrators' inboxes and mail. `caller`: who is signed in, if anybody. */
export async function ask (trx: Trx, house: House, { siteId, name: typed, email, message }: { siteId: string, name: string, email: string, message: string }, caller: { id: string, name: string } | null): Promise<void> {
  const name = typed.trim()
  const id = house.newId()
  const now = house.clock()
  const subject = [...message.trim().split(/\s*[\r\n]/, 1).join('').replace(/\p{C}/gu, ' ')].slice(0, SUBJECT_LENGTH).join('').trim()
  await trx.prepare("INSERT INTO conversations (id, site_id, person_id, name, email, subject, state, messages, created_at, last_at, link_hash, link_sealed) VALUES (?, ?, ?, ?, ?, ?, 'open', 1, ?, ?, NULL, NULL)")
    .run(id, siteId, caller?.id ?? null, name, email, subject === '' ? '…' : subject, now, now)
  await keep(trx, { id, messages: 0 }, 'asker', name, message, now)
  await tell(trx, house, { id, isStranger: caller === null, name, email, personName: caller?.name ?? null, text: message, isFirst: true, dedupeKey: `contact:${id}` })
  // The message itself is between them: the record says that it was written.
  const who = caller ?? { id: null, name }
  house.audit.append(trx, now, { event: 'support.asked', actor: who, subject: who, details: { email, conversationId: id } })
}

/** The asker writes again; a conversation that was closed is open again. @throws Problem waitForAnswer, tooLarge */
export async function followUp (trx: Trx, house: House, row: Row, text: string): Promise<void> {
  const now = house.clock()
  const unanswered = await trx.prepare(`SELECT count(*) AS count FROM conversation_messages WHERE conversation_id = ? AND position >
    (SELECT coalesce(max(position), 0) FROM conversation_messages WHERE conversation_id = ? AND author = 'operator')`).get(row.id, row.id)
  if (Number(unanswered?.['count']) >= MOST_UNANSWERED) throw new Problem('waitForAnswer')
  await keep(trx, row, 'asker', row.name, text, now)
  await trx.prepare("UPDATE conversations SET state = 'open', messages = messages + 1, last_at = ? WHERE id = ?").run(now, row.id)
  await tell(trx, house, { id: row.id, isStranger: false, name: row.name, email: row.email, personName: null, text, isFirst: false, dedupeKey: `contact:${row.id}:${row.messages + 1}` })
  const who = { id: row.personId, name: row.name }
  house.audit.append(trx, now, { event: 'support.asked', actor: who, subject: who, details: { conversationId: row.id } })
}

/**
 * An operator answers: to the inbox and mail of who has an account, or by a mail with a link back.
 * @param seen the last message that the operator has read
 * @throws Problem changedMeanwhile, channelNotSetUp for a stranger without mail, publicUrlNeeded, tooLarge
 */
export async function answer (trx: Trx, house: House, row: Row, { text, seen, close = false }: { text: string, seen: number, close?: boolean }, actor: Actor): Promise<void> {
  if (seen !== row.messages) throw new Problem('changedMeanwhile', { detail: 'Something was written here since you opened it.' })
  const now = house.clock()
  const message = { dedupeKey: answerKey(row.id, row.messages + 1), thread: row.id }
  const person = row.personId === null ? null : await trx.prepare('SELECT id, name, email FROM people WHERE id = ? AND removed_at IS NULL').get(row.personId)
  const said = { subject: row.subject, who: actor.name, text }
  if (person !== null && person !== undefined) {
    await writeTo(trx, house, { ...message, person: { id: String(person['id']), name: String(person['name']), email: String(person['email']) }, letter: (letters) => letters.answer({ ...said, link: house.link('/contact') }) })
  } else {
    if (house.config.smtpUrl === null) throw new Problem('channelNotSetUp', { detail: `This was written without an account, and mail is not set up. Write to ${row.email} yourself.` })
    checkLinksLead(house)
    const token = await linkOf(trx, house, row)
    await writeToAddress(trx, house, { ...message, address: row.email, secret: true, letter: (letters) => letters.answerToStranger({ ...said, name: row.name, link: house.link('/contact/' + token) }) })
  }
  await keep(trx, row, 'operator', actor.name, text, now)
  await trx.prepare('UPDATE conversations SET state = ?, messages = messages + 1, last_at = ? WHERE id = ?').run(close ? 'closed' : 'answered', now, row.id)
  house.audit.append(trx, now, { event: 'support.answered', actor, subject: { id: row.personId, name: row.name }, details: { conversationId: row.id, ...close && { closed: true } } })
}

/** The dedupe key of an answer's message, by which its mail is found again. */
export const answerKey = (id: string, position: number): string => `answer:${id}:${position}`

export async function setState (trx: Trx, house: House, row: Row, state: 'open' | 'closed', actor: Actor): Promise<void> {
  if (row.state === state) return
  await trx.prepare('UPDATE conversations SET state = ?, last_at = ? WHERE id = ?').run(state, house.clock(), row.id)
  house.audit.append(trx, house.clock(), { event: state === 'open' ? 'support.reopened' : 'support.closed', actor, subject: { id: row.personId, name: row.name }, details: { conversationId: row.id } })
}

export async function remove (trx: Trx, house: House, row: Row, actor: Actor): Promise<void> {
  await forgetConversation(trx, row.id)
  house.audit.append(trx, house.clock(), { event: 'support.removed', actor, subject: { id: row.personId, name: row.name }, details: { conversationId: row.id, messages: row.messages } })
}

async function keep (trx: Trx, { id, messages }: { id: string, messages: number }, author: 'asker' | 'operator', name: string, text: string, now: number): Promise<void> {
  if (messages >= MOST_MESSAGES) throw new Problem('tooLarge', { detail: 'This conversation is full. Begin a new one.' })
  await trx.prepare('INSERT INTO conversation_messages (conversation_id, position, author, name, text, at) VALUES (?, ?, ?, ?, ?, ?)').run(id, messages + 1, author, name, text, now)
}

/** The secret of the link, the same in all mails of a conversation. It is sealed here, and no backup has it. */
async function linkOf (trx: Trx, house: House, { id, linkSealed }: Row): Promise<string> {
  if (linkSealed !== null) return house.seal.open(linkSealed, binding(id))
  const { token, hash } = newToken()
  await trx.prepare('UPDATE conversations SET link_hash = ?, link_sealed = ? WHERE id = ?').run(hash, house.seal.close(token, binding(id)), id)
  return token
}

/** Strangers from a thousand addresses fill a page, but nobody's mailbox. */
async function tell (trx: Trx, house: House, { id, isStranger, dedupeKey, ...said }: { id: string, isStranger: boolean, dedupeKey: string, name: string, email: string, personName: string | null, text: string, isFirst: boolean }): Promise<void> {
  const now = house.clock()
  if (isStranger) {
    const row = await trx.prepare('SELECT count(*) AS count FROM (SELECT 1 FROM conversations WHERE person_id IS NULL AND last_at > ? AND created_at > ? LIMIT ?) AS lately').get(now - HOUR_MS, now - HOUR_MS, MOST_TOLD + 1)
    if (Number(row?.['count']) > MOST_TOLD) {
      await tellAdministrators(trx, house, { dedupeKey: `contact:many:${Math.floor(now / HOUR_MS)}`, letter: (letters) => letters.manyQuestions(MOST_TOLD, house.link('/questions')) })
      return
    }
  }
  await tellAdministrators(trx, house, { letter: (letters) => letters.question({ ...said, link: pageOf(house, id) }), dedupeKey, thread: id })
}
