import type { AuditRow, FeedEvent } from '@oncekey/protocol/schemas'
import type { FastifyReply } from 'fastify'
import { sql } from 'kysely'
import type { House } from '../house.ts'
import { callerOf, isAtLeast, type App } from '../platform/http.ts'
import { Problem } from '../platform/problems.ts'
import { findMissed } from './queries.ts'
import { forHolders } from './states.ts'

/** A comment so often shows both sides that the line lives; the session is looked at again then. */
const HEARTBEAT_MS = 20_000
/** Bytes that may wait for a slow reader; more and it is cut: it comes back and asks for what it missed. */
const MOST_WAITING = 1024 * 1024
const MOST_PER_PERSON = 20
const MOST_LINES = 2_000
/** The record's rows after which somebody's session may have ended or changed. */
const sessionEvents = new Set<AuditRow['event']>(['session.ended', 'person.suspended', 'person.removed', 'person.changed'])

/** GET /api/v1/feed: what happens, as it happens, as server-sent events. */
export function feedRoute (app: App, house: House): void {
  const lines = new Map<string, Set<() => void>>()
  let count = 0
  app.addHook('preClose', async () => { for (const set of lines.values()) for (const end of set) end() })

  app.get('/api/v1/feed', {
    config: { audience: 'member' },
    schema: {
      tags: ['live'], summary: 'What happens, as server-sent events; resumes after Last-Event-ID',
      description: 'Operators get every event; members what concerns their own access points, codes and messages. The id of an event is its number in the record.'
    }
  }, async (request, reply) => {
    const { id, role, sessionHash } = callerOf(request)
    const mine = lines.get(id) ?? new Set()
    if (mine.size >= MOST_PER_PERSON || count >= MOST_LINES) throw new Problem('tooManyTries', { retryAfterSeconds: 30 })
    const last = Number(request.headers['last-event-id'])
    const end = openLine(house, reply, {
      id, sessionHash, seesAll: isAtLeast(role, 'operator'), after: Number.isSafeInteger(last) && last > 0 ? last : null,
      onEnd () {
        mine.delete(end)
        count--
        if (mine.size === 0) lines.delete(id)
      }
    })
    mine.add(end)
    lines.set(id, mine)
    count++
    return reply
  })
}

type Reader = {
  id: string
  sessionHash: string
  seesAll: boolean
  /** The last row of the record that the reader has; null: a reader that is new. */
  after: number | null
  onEnd: () => void
}

/** Takes a reply over as a stream of events until it ends. @returns what ends it */
function openLine (house: House, reply: FastifyReply, reader: Reader): () => void {
  reply.hijack()
  const { raw } = reply
  // The server's own time-outs are for requests, not for a line that stays.
  raw.socket?.setTimeout(0)
  raw.writeHead(200, {
    ...headersOf(reply), 'content-type': 'text/event-stream; charset=utf-8', 'cache-control': 'no-store, no-transform', 'x-accel-buffering': 'no'
  })
  let { seesAll } = reader
  let sent = reader.after ?? 0
  /** Rows that come while the missed ones are being read; null once they have been sent. */
  let held: FeedEvent[] | null = seesAll && reader.after !== null ? [] : null
  let isEnded = false

  function end (): void {
    if (isEnded) return
    isEnded = true
    clearInterval(heartbeat)
    unsubscribe()
    reader.onEnd()
    raw.end()
  }

  function write (text: string): void {
    if (isEnded) return
    raw.write(text)
    if (raw.writableLength > MOST_WAITING) {
      end()
      raw.destroy()
    }
  }

  function tell (event: FeedEvent): void {
    if (event.kind !== 'audit') return write(`data: ${JSON.stringify(event)}\n\n`)
    if (event.row.seq <= sent) return
    sent = event.row.seq
    write(`id: ${sent}\ndata: ${JSON.stringify(event)}\n\n`)
  }

  function check (): void {
    void roleNow(house, reader).then((role) => {
      if (role === null) end()
      else seesAll = isAtLeast(role, 'operator')
    }, (error: unknown) => { house.log.error('a session could not be looked at', { error }) })
  }

  const unsubscribe = house.feed.subscribe((event, people) => {
    if (event.kind === 'audit' && sessionEvents.has(event.row.event) && (event.row.subject?.id === reader.id || event.row.actor?.id === reader.id)) check()
    // Rows of the record carry reasons of refusals, which are for operators only.
    if (!seesAll && (event.kind === 'audit' || !people.includes(reader.id))) return
    // A message for somebody, or a question to them, is not everybody's, whatever their role.
    if ((event.kind === 'inbox' || event.kind === 'asked') && !people.includes(reader.id)) return
    if (!seesAll && event.kind === 'state') return tell({ kind: 'state', state: forHolders(event.state) })
    if (held === null) tell(event)
    else held.push(event)
  })
  const heartbeat = setInterval(() => { write(': still here\n\n'); check() }, HEARTBEAT_MS)
  heartbeat.unref()
  raw.on('close', end)
  raw.on('error', end)
  write('retry: 2000\n\n')
  if (held !== null) {
    void findMissed(house, sent).then((rows) => {
      const meanwhile = held ?? []
      held = null
      for (const row of rows) tell({ kind: 'audit', row })
      for (const event of meanwhile) tell(event)
    }, (error: unknown) => {
      house.log.error('missed events could not be read', { error })
      end()
    })
  }
  return end
}

/** The role of who has this session now; null when it has ended. Reading is no use of it: an open page alone keeps nobody signed in. */
async function roleNow (house: House, { id, sessionHash }: Reader) {
  const now = house.clock()
  const row = await house.db.read.selectFrom('sessions as s').innerJoin('people as p', 'p.id', 's.person_id').select('p.role').where('s.token_hash', '=', sessionHash)
    .where('p.id', '=', id).where('p.suspended_at', 'is', null).where('p.removed_at', 'is', null)
    .where('s.ends_at', '>', now).where(sql<boolean>`s.last_seen_at + s.idle_ms > ${now}`).executeTakeFirst()
  return row?.role ?? null
}

/** The headers that hooks have set already (content security policy and the like). */
function headersOf (reply: FastifyReply): Record<string, string | number | string[]> {
  return Object.fromEntries(Object.entries(reply.getHeaders()).filter((entry): entry is [string, string | number | string[]] => entry[1] !== undefined))
}
