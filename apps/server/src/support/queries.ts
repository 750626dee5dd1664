import type { Conversation, ConversationDetail, ConversationsAnswer, ConversationsQuery, OwnConversation } from '@oncekey/protocol/schemas'
import type { House } from '../house.ts'
import type { Trx } from '../platform/db.ts'
import { Problem } from '../platform/problems.ts'
import { tokenHash } from '../sessions/tokens.ts'
import { answerKey, ROW, rowOf, type Row } from './say.ts'

const USUAL_PAGE = 50
const MOST_OWN = 50

const COLUMNS = ['id', 'subject', 'name', 'email', 'person_id as personId', 'state', 'messages', 'created_at as createdAt', 'last_at as lastAt'] as const

/** A page of conversations, and how many wait for an answer. */
export async function findConversations (house: House, siteId: string, { state, after, limit = USUAL_PAGE }: ConversationsQuery): Promise<ConversationsAnswer> {
  const all = house.db.read.selectFrom('conversations').where('site_id', '=', siteId)
  let query = all.select(COLUMNS).orderBy('last_at', 'desc').orderBy('id', 'desc').limit(limit + 1)
  if (state !== undefined) query = query.where('state', '=', state)
  if (after !== undefined) {
    const [at = '', id = ''] = after.split('.')
    query = query.where('last_at', '<=', Number(at)).where((eb) => eb.or([eb('last_at', '<', Number(at)), eb('id', '<', id)]))
  }
  const rows = await query.execute()
  const { open } = await all.select((eb) => eb.fn.countAll<number>().as('open')).where('state', '=', 'open').executeTakeFirstOrThrow()
  const page: Conversation[] = rows.slice(0, limit)
  const last = page.at(-1)
  return { conversations: page, open: Number(open), next: rows.length > limit && last !== undefined ? `${last.lastAt}.${last.id}` : null }
}

/** @throws Problem notFound */
export async function findConversation (house: House, siteId: string, id: string): Promise<ConversationDetail> {
  const conversation = await house.db.read.selectFrom('conversations').select(COLUMNS).where('id', '=', id).where('site_id', '=', siteId).executeTakeFirst()
  if (conversation === undefined) throw new Problem('notFound')
  const messages = await messagesOf(house, id)
  const keys = messages.filter(({ author }) => author === 'operator').map(({ position }) => answerKey(id, position))
  const mails = keys.length === 0 ? [] : await house.db.read.selectFrom('outbox').select(['dedupe_key', 'state']).where('dedupe_key', 'in', keys).execute()
  const mailOf = new Map(mails.map((one) => [one.dedupe_key, one.state]))
  return { conversation, messages: messages.map((one) => ({ ...one, mail: mailOf.get(answerKey(id, one.position)) ?? null })), canAnswer: conversation.personId !== null || house.config.smtpUrl !== null }
}

/** What somebody has asked themselves. */
export async function findOwnConversations (house: House, personId: string): Promise<OwnConversation[]> {
  const rows = await house.db.read.selectFrom('conversations').select(['id', 'subject', 'state', 'last_at as lastAt']).where('person_id', '=', personId).orderBy('last_at', 'desc').limit(MOST_OWN).execute()
  return Promise.all(rows.map((row) => withMessages(house, row)))
}

/** @throws Problem notFound for a link that leads nowhere any more */
export async function findLinked (house: House, token: string): Promise<OwnConversation> {
  const row = await house.db.read.selectFrom('conversations').select(['id', 'subject', 'state', 'last_at as lastAt']).where('link_hash', '=', tokenHash(token)).executeTakeFirst()
  if (row === undefined) throw deadLink()
  return withMessages(house, row)
}

/** A conversation to say something in. @throws Problem notFound */
export async function conversationFor (trx: Trx, by: { siteId: string, id: string } | { personId: string, id: string } | { token: string }): Promise<Row> {
  const row = 'token' in by
    ? await trx.prepare(`SELECT ${ROW} FROM conversations WHERE link_hash = ?`).get(tokenHash(by.token))
    : 'siteId' in by
      ? await trx.prepare(`SELECT ${ROW} FROM conversations WHERE id = ? AND site_id = ?`).get(by.id, by.siteId)
      : await trx.prepare(`SELECT ${ROW} FROM conversations WHERE id = ? AND person_id = ?`).get(by.id, by.personId)
  if (row === undefined) throw 'token' in by ? deadLink() : new Problem('notFound')
  return rowOf(row)
}

async function withMessages (house: House, row: Omit<OwnConversation, 'messages'>): Promise<OwnConversation> {
  return { ...row, messages: (await messagesOf(house, row.id)).map(({ author, name, text, at }) => ({ author, name, text, at })) }
}

async function messagesOf (house: House, id: string) {
  return house.db.read.selectFrom('conversation_messages').select(['position', 'author', 'name', 'text', 'at']).where('conversation_id', '=', id).orderBy('position').execute()
}

function deadLink (): Problem {
  return new Problem('notFound', { detail: 'This link leads to nothing any more. Write a new message.' })
}
