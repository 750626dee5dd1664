import { isOnline } from '../controllers/links.ts'
import type { House } from '../house.ts'
import type { Row, Trx } from '../platform/db.ts'
import { offerImage, tellRollout } from './offers.ts'
import { nextStep, reachOfGroups, type Counts, type Plan } from './plan.ts'
import { haltForFailures } from './rollouts.ts'

/** A controller that restarts into a new program is back, with one or the other, within minutes. */
export const SILENT_MS = 1_800_000
/** A download that did not move for so long has failed. */
const STALLED_MS = 86_400_000

/** Goes on with every roll-out that runs: gives up on those that fell silent, then does what the plan says. */
export async function advanceRollouts (house: House): Promise<void> {
  const running = await house.db.read.selectFrom('rollouts').select('id').where('ended_at', 'is', null).where('state', '=', 'running').execute()
  for (const { id } of running) await house.db.write((trx) => advance(trx, house, id))
}

async function advance (trx: Trx, house: House, id: string): Promise<void> {
  const row = await trx.prepare(`SELECT r.stages, r.stage, r.settled_at, r.pause_ms, r.most_failures, r.groups, i.version, i.hardware FROM rollouts r JOIN images i ON i.id = r.image_id
    WHERE r.id = ? AND r.state = 'running' AND r.ended_at IS NULL`).get(id)
  if (row === undefined) return
  const now = house.clock()
  await giveUp(trx, house, id, now)
  const members = await trx.prepare(`SELECT rc.controller_id, rc.state, rc.stage FROM rollout_controllers rc JOIN controllers c ON c.id = rc.controller_id AND c.removed_at IS NULL
    WHERE rc.rollout_id = ? ORDER BY rc.place`).all(id)
  const groups = groupsIn(row['groups'])
  const stage = Number(row['stage'])
  const standing = members.map((one) => ({ controllerId: String(one['controller_id']), stage: Number(one['stage']), isWaiting: one['state'] === 'waiting', isOnline: isOnline(house, String(one['controller_id'])) }))
  const plan: Plan = {
    stages: stagesIn(String(row['stages'])), stage, settledAt: row['settled_at'] === null ? null : Number(row['settled_at']),
    pauseMs: Number(row['pause_ms']), mostFailures: Number(row['most_failures']),
    ...groups !== null && { reach: reachOfGroups(standing, stage, groups.length - 1) }
  }
  const counts = countsOf(members)
  const step = nextStep(plan, counts, now)
  switch (step.do) {
    case 'wait': return
    case 'halt': return haltForFailures(trx, house, id, { version: String(row['version']), failed: counts.failed })
    case 'begin': {
      const ready = standing.filter((one) => one.isWaiting && one.isOnline && (groups === null || one.stage <= stage)).slice(0, step.most)
      for (const { controllerId } of ready) await offerImage(trx, house, id, controllerId)
      if (ready.length === 0) return
      break
    }
    case 'settle':
      await trx.prepare('UPDATE rollouts SET settled_at = ? WHERE id = ?').run(now, id)
      break
    case 'advance':
      await trx.prepare('UPDATE rollouts SET stage = stage + 1, settled_at = NULL WHERE id = ?').run(id)
      break
    case 'finish':
      await trx.prepare("UPDATE rollouts SET state = 'done', ended_at = ? WHERE id = ?").run(now, id)
      house.audit.append(trx, now, { event: 'rollout.ended', details: { version: String(row['version']), hardware: String(row['hardware']), installed: counts.total - counts.failed, failed: counts.failed } })
  }
  tellRollout(trx, house, id)
}

/** Nothing is heard of them: perhaps the image was their end. A late word still counts, see `takeOutcome`. */
async function giveUp (trx: Trx, house: House, id: string, now: number): Promise<void> {
  const { changes } = await trx.prepare(`UPDATE rollout_controllers SET state = 'failed', outcome = 'silent', changed_at = ?
    WHERE rollout_id = ? AND ((state = 'installing' AND changed_at < ?) OR (state IN ('offered', 'downloading') AND changed_at < ?))`).run(now, id, now - SILENT_MS, now - STALLED_MS)
  if (changes > 0) tellRollout(trx, house, id)
}

/** The percents of a roll-out; none where it goes by groups. */
export function stagesIn (text: string): number[] {
  return text === '' ? [] : text.split(' ').map(Number)
}

/** The groups of a roll-out in their order, null for everybody else; null: it does not go by groups. */
export function groupsIn (text: unknown): (string | null)[] | null {
  return typeof text === 'string' ? JSON.parse(text) : null
}

/** Controllers by what they are up to. */
export function countsOf (members: readonly Row[]): Counts {
  const of = (...states: string[]): number => members.filter((one) => states.includes(String(one['state']))).length
  return { total: members.length, begun: members.length - of('waiting'), underWay: of('offered', 'downloading', 'installing'), failed: of('failed', 'wentBack') }
}
