import { versionNumber } from '@oncekey/protocol/messages'
import type { RolloutForm } from '@oncekey/protocol/schemas'
import type { Named } from '../audit/append.ts'
import type { House } from '../house.ts'
import type { Row, Trx } from '../platform/db.ts'
import { Problem } from '../platform/problems.ts'
import { tellRollout, withdrawOffer } from './offers.ts'

type By = { siteId: string, actor: Named }

/**
 * Begins to bring an image to controllers: those named, or all of its hardware that run something older. Which of them
 * are first is chosen by who is on line then, or by `groups`: one group after another, everybody else last.
 * @returns its id
 * @throws Problem notFound; badRequest for a controller that it is not for; inUse for one that another roll-out has
 */
export async function startRollout (trx: Trx, house: House, form: RolloutForm, { siteId, actor }: By): Promise<string> {
  const image = await trx.prepare('SELECT id, version, hardware FROM images WHERE id = ? AND site_id = ? AND removed_at IS NULL').get(form.imageId, siteId)
  if (image === undefined) throw new Problem('notFound')
  const { controllerIds, groups, stages = groups === undefined ? [0, 10, 100] : [], pauseMinutes = 10, mostFailures = 0 } = form
  if (groups !== undefined && form.stages !== undefined) throw new Problem('badRequest', { errors: [{ field: 'stages', needs: 'nothing: it goes by groups' }] })
  if (groups === undefined && (stages.some((percent, i) => i > 0 && percent <= (stages[i - 1] ?? 0)) || stages.at(-1) !== 100)) {
    throw new Problem('badRequest', { errors: [{ field: 'stages', needs: 'percents that rise and end with 100' }] })
  }
  const version = String(image['version'])
  const fitting = (await trx.prepare('SELECT id, name, firmware, update_group FROM controllers WHERE site_id = ? AND hardware = ? AND removed_at IS NULL ORDER BY name, id').all(siteId, String(image['hardware'])))
    .filter((row) => versionNumber(version) > versionNumber(String(row['firmware'])))
  const named = controllerIds === undefined ? fitting : fitting.filter((row) => controllerIds.includes(String(row['id'])))
  if (controllerIds !== undefined && named.length < new Set(controllerIds).size) {
    throw new Problem('badRequest', { errors: [{ field: 'controllerIds', needs: 'controllers of the image\'s hardware that run something older' }] })
  }
  const turns = groups === undefined ? null : turnsOf(named, groups, form.others ?? true)
  const chosen = turns === null ? named : turns.flatMap(({ rows }) => rows)
  if (chosen.length === 0) throw new Problem('badRequest', { detail: 'No controller of this hardware runs something older.', errors: [{ field: 'imageId', needs: 'an image that is newer than what some controller runs' }] })
  await refuseTaken(trx, chosen)
  const id = house.newId()
  const now = house.clock()
  await trx.sql.insertInto('rollouts').values({
    id, site_id: siteId, image_id: form.imageId, state: 'running', halted_by: null, stages: stages.join(' '), stage: 0, settled_at: null, pause_ms: pauseMinutes * 60_000,
    most_failures: mostFailures, started_by: actor.name, created_at: now, ended_at: null, groups: turns === null ? null : JSON.stringify(turns.map(({ group }) => group))
  }).execute()
  for (const [place, row] of chosen.entries()) {
    const stage = turns?.findIndex(({ rows }) => rows.includes(row)) ?? null
    await trx.prepare("INSERT INTO rollout_controllers (rollout_id, controller_id, place, state, changed_at, stage) VALUES (?, ?, ?, 'waiting', ?, ?)").run(id, String(row['id']), place, now, stage)
  }
  house.audit.append(trx, now, { event: 'rollout.started', actor, details: { version, hardware: String(image['hardware']), controllers: chosen.length, ...turns === null ? { stages: stages.join(' ') } : { groups: turns.map(({ group }) => group ?? '*').join(', ') }, mostFailures } })
  tellRollout(trx, house, id)
  return id
}

/** Who gets it in which turn; a group of which nobody needs it has none. */
function turnsOf (fitting: readonly Row[], groups: readonly string[], others: boolean): { group: string | null, rows: Row[] }[] {
  const turns = groups.map((group): { group: string | null, rows: Row[] } => ({ group, rows: fitting.filter((row) => row['update_group'] === group) }))
  if (others) turns.push({ group: null, rows: fitting.filter((row) => !groups.includes(String(row['update_group']))) })
  return turns.filter(({ rows }) => rows.length > 0)
}

async function refuseTaken (trx: Trx, chosen: readonly Row[]): Promise<void> {
  const ids = new Set(chosen.map((row) => String(row['id'])))
  const taken = (await trx.prepare('SELECT rc.controller_id FROM rollout_controllers rc JOIN rollouts r ON r.id = rc.rollout_id WHERE r.ended_at IS NULL').all())
    .filter((row) => ids.has(String(row['controller_id'])))
  if (taken.length > 0) throw new Problem('inUse', { detail: `${taken.length === 1 ? 'One of these controllers is' : `${taken.length} of these controllers are`} in another roll-out. End that one first.` })
}

/** Nobody else begins, and who has not begun to install stops. @throws Problem notFound, also when it does not run */
export async function haltRollout (trx: Trx, house: House, id: string, { siteId, actor }: By): Promise<void> {
  const row = await openRollout(trx, id, siteId, 'running')
  await halt(trx, house, id, actor.name)
  house.audit.append(trx, house.clock(), { event: 'rollout.halted', actor, details: { version: String(row['version']), by: 'hand' } })
}

/** Without anybody's word: too much failed. */
export async function haltForFailures (trx: Trx, house: House, id: string, details: { version: string, failed: number }): Promise<void> {
  await halt(trx, house, id, 'failures')
  house.audit.append(trx, house.clock(), { event: 'rollout.halted', details: { ...details, by: 'failures' } })
}

/** The database was put back to an earlier moment: what came of this since is not known. */
export async function haltForRestore (trx: Trx, house: House, id: string, version: string): Promise<void> {
  await halt(trx, house, id, 'restore')
  house.audit.append(trx, house.clock(), { event: 'rollout.halted', details: { version, by: 'restore' } })
}

async function halt (trx: Trx, house: House, id: string, by: string): Promise<void> {
  await trx.prepare("UPDATE rollouts SET state = 'halted', halted_by = ? WHERE id = ?").run(by, id)
  await withdrawAll(trx, house, id)
  tellRollout(trx, house, id)
}

async function withdrawAll (trx: Trx, house: House, id: string): Promise<void> {
  for (const row of await trx.prepare("SELECT controller_id FROM rollout_controllers WHERE rollout_id = ? AND state IN ('offered', 'downloading')").all(id)) {
    await withdrawOffer(trx, house, id, String(row['controller_id']))
  }
}

/**
 * Goes on with a roll-out that was halted. Those that failed stay as they are, and the next one that fails halts it again:
 * whoever resumes it has looked at those, not at that.
 * @throws Problem notFound, also when it is not halted
 */
export async function resumeRollout (trx: Trx, house: House, id: string, { siteId, actor }: By): Promise<void> {
  const row = await openRollout(trx, id, siteId, 'halted')
  const failed = await trx.prepare("SELECT count(*) AS failed FROM rollout_controllers WHERE rollout_id = ? AND state IN ('failed', 'wentBack')").get(id)
  await trx.prepare("UPDATE rollouts SET state = 'running', halted_by = NULL, settled_at = NULL, most_failures = ? WHERE id = ?").run(Math.max(Number(row['most_failures']), Number(failed?.['failed'] ?? 0)), id)
  house.audit.append(trx, house.clock(), { event: 'rollout.resumed', actor, details: { version: String(row['version']) } })
  tellRollout(trx, house, id)
}

/** Ends a roll-out for good; who has the image keeps it. @throws Problem notFound, also when it has ended */
export async function endRollout (trx: Trx, house: House, id: string, { siteId, actor }: By): Promise<void> {
  const row = await openRollout(trx, id, siteId, null)
  await withdrawAll(trx, house, id)
  await trx.prepare("UPDATE rollouts SET state = 'ended', ended_at = ? WHERE id = ?").run(house.clock(), id)
  house.audit.append(trx, house.clock(), { event: 'rollout.ended', actor, details: { version: String(row['version']) } })
  tellRollout(trx, house, id)
}

async function openRollout (trx: Trx, id: string, siteId: string, state: 'running' | 'halted' | null): Promise<Row> {
  const row = await trx.prepare('SELECT r.state, r.most_failures, i.version FROM rollouts r JOIN images i ON i.id = r.image_id WHERE r.id = ? AND r.site_id = ? AND r.ended_at IS NULL').get(id, siteId)
  if (row === undefined || (state !== null && row['state'] !== state)) throw new Problem('notFound')
  return row
}
