import { changeMembers } from '../groups/change.ts'
import { isGroup } from '../groups/names.ts'
import type { House } from '../house.ts'
import { checkLinksLead } from '../notify/links.ts'
import type { Trx } from '../platform/db.ts'
import { isAtLeast } from '../platform/http.ts'
import { Problem } from '../platform/problems.ts'
import { tokenHash } from '../sessions/tokens.ts'
import type { Named } from '../audit/append.ts'
import type { Actor } from './authority.ts'
import { takenOf, lower, type GoodRow, type Plan } from './import-check.ts'
import { QUIET_MS, type Outcome } from './import-state.ts'
import { invite } from './invitations.ts'
import { insertRows, insertWords } from './listing.ts'
import { nameKey } from './words.ts'

/** People of one write, and the pause after it: a door's question waits for one such write, never for two. */
const AT_ONCE = 64
const PAUSE_MS = 2
/** Between two invitations: codes, which are due at once and live for minutes, overtake those that wait. */
const MAIL_PACE_MS = 500
const MOST_TRIES = 20
const TRY_AGAIN_MS = 500

export type ImportOrder = { siteId: string, siteName: string, by: Actor & Named, invite: boolean }

/**
 * Begins an import: notes what is refused and who is here already, and adds the others from then on, by and by.
 * @returns its id at once, and a promise for when it is over, which never fails
 * @throws Problem alreadyExists while another one runs; channelNotSetUp and publicUrlNeeded for invitations without mail or an address for their links
 */
export async function startImport (house: House, order: ImportOrder, plan: Plan): Promise<{ id: string, over: Promise<void> }> {
  if (order.invite && house.config.smtpUrl === null) throw new Problem('channelNotSetUp')
  if (order.invite) checkLinksLead(house)
  const id = house.newId()
  const refused = plan.faults.map(({ line, row, fault }): Outcome => [line, row.name, row.email, 'refused', fault])
  const here = plan.here.map((row): Outcome => [row.line, row.name, row.email, 'here', ''])
  const settled = refused.length + here.length
  const job: Job = { ...order, id }
  await house.db.write(async (trx) => {
    const now = house.clock()
    const running = await trx.prepare("SELECT id FROM people_imports WHERE site_id = ? AND state = 'running' AND beat_at > ?").get(order.siteId, now - QUIET_MS)
    if (running !== undefined) throw new Problem('alreadyExists', { detail: 'An import is running already. Wait until it is done.' })
    await trx.sql.insertInto('people_imports').values({
      id, site_id: order.siteId, started_by: order.by.id, state: 'running', invite: order.invite ? 1 : 0, total: plan.fresh.length + settled, done: settled,
      added: 0, here: here.length, faulty: refused.length, started_at: now, beat_at: now, ended_at: null
    }).execute()
    if (settled > 0) await notePart(trx, id, 0, [...refused, ...here])
    if (plan.fresh.length === 0) await finish(trx, house, job, 'done')
  })
  return { id, over: plan.fresh.length === 0 ? Promise.resolve() : run(house, job, plan.fresh).catch((error: unknown) => { house.log.warn('an import of people was cut', { import: id, error }) }) }
}

type Job = ImportOrder & { id: string }

async function run (house: House, job: Job, fresh: readonly GoodRow[]): Promise<void> {
  try {
    for (let at = 0, part = 1; at < fresh.length; at += AT_ONCE, part++) {
      await patiently(() => house.db.write((trx) => addSome(trx, house, job, { rows: fresh.slice(at, at + AT_ONCE), part, mailed: at })))
      await new Promise((resolve) => { setTimeout(resolve, PAUSE_MS) })
    }
    await patiently(() => house.db.write((trx) => finish(trx, house, job, 'done')))
  } catch (error) {
    house.log.error('an import of people failed', { import: job.id, error })
    await house.db.write((trx) => finish(trx, house, job, 'failed'))
  }
}

/** A queue that is full for a moment, or a database that is away for one, ends no import. */
async function patiently (write: () => Promise<void>): Promise<void> {
  for (let tries = 1; ; tries++) {
    try {
      return await write()
    } catch (error) {
      if (!(error instanceof Problem && error.code === 'busy') || tries === MOST_TRIES) throw error
      await new Promise((resolve) => { setTimeout(resolve, TRY_AGAIN_MS).unref() })
    }
  }
}

/** Adds some people, each with its own row in the record, and notes in the same transaction how far it is. */
async function addSome (trx: Trx, house: House, { id, siteId, siteName, by, invite: isInviting }: Job, { rows, part, mailed }: { rows: readonly GoodRow[], part: number, mailed: number }): Promise<void> {
  const now = house.clock()
  const actor: Named = { id: by.id, name: by.name }
  // A list may give roles: nothing more comes of it when whoever began it has lost theirs.
  const still = await trx.sql.selectFrom('people').select('role').where('id', '=', by.id).where('suspended_at', 'is', null).where('removed_at', 'is', null).executeTakeFirst()
  if (still === undefined || !isAtLeast(still.role, by.role)) throw new Problem('notAllowed')
  // Somebody may have been added since the file was looked at.
  const taken = await takenOf(trx.sql, rows)
  const outcomes: Outcome[] = []
  const people: (GoodRow & { id: string })[] = []
  for (const row of rows) {
    const isTaken = row.username !== null && taken.usernames.has(lower(row.username))
    const result = taken.emails.has(lower(row.email)) ? 'here' : isTaken ? 'refused' : 'added'
    outcomes.push([row.line, row.name, row.email, result, result === 'refused' ? 'usernameTaken' : ''])
    if (result === 'added') people.push({ ...row, id: house.newId() })
  }
  await insertRows(trx, 'people', ['id', 'site_id', 'name', 'email', 'username', 'role', 'created_at', 'name_key'],
    people.map((one) => [one.id, siteId, one.name, one.email, one.username, one.role, now, nameKey(one.name)]))
  await insertWords(trx, people)
  for (const [i, one] of people.entries()) {
    house.audit.append(trx, now, { event: 'person.added', actor, subject: { id: one.id, name: one.name }, details: { role: one.role, email: one.email, invited: isInviting, import: id } })
    if (!isInviting) continue
    const path = await invite(trx, house, { person: one, siteName })
    await trx.prepare('UPDATE outbox SET next_at = ? WHERE dedupe_key = ?').run(now + (mailed + i) * MAIL_PACE_MS, `invitation:${tokenHash(path.slice(path.lastIndexOf('/') + 1))}`)
  }
  for (const groupId of new Set(people.flatMap((one) => one.groupIds))) {
    // Somebody may have removed it since the file was looked at.
    if (await isGroup(trx, siteId, groupId)) await changeMembers(trx, house, siteId, groupId, { join: people.filter((one) => one.groupIds.includes(groupId)).map((one) => one.id) }, actor)
  }
  await notePart(trx, id, part, outcomes)
  const count = (result: Outcome[3]): number => outcomes.filter((one) => one[3] === result).length
  await trx.prepare('UPDATE people_imports SET done = done + ?, added = added + ?, here = here + ?, faulty = faulty + ?, beat_at = ? WHERE id = ?')
    .run(rows.length, count('added'), count('here'), count('refused'), now, id)
}

async function finish (trx: Trx, house: House, { id, by }: Job, state: 'done' | 'failed'): Promise<void> {
  const now = house.clock()
  const row = await trx.prepare('UPDATE people_imports SET state = ?, beat_at = ?, ended_at = ? WHERE id = ? RETURNING total, added, here, faulty').get(state, now, now, id)
  if (row === undefined) return
  const { total, added, here, faulty } = row
  house.audit.append(trx, now, { event: 'people.imported', actor: { id: by.id, name: by.name }, details: { import: id, state, total: Number(total), added: Number(added), here: Number(here), faulty: Number(faulty) } })
}

async function notePart (trx: Trx, id: string, part: number, outcomes: readonly Outcome[]): Promise<void> {
  await trx.prepare('INSERT INTO people_import_parts (import_id, part, rows) VALUES (?, ?, ?)').run(id, part, JSON.stringify(outcomes))
}
