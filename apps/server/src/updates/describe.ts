import { versionNumber } from '@oncekey/protocol/messages'
import type { Rollout, RolloutAnswer, UpdatesAnswer } from '@oncekey/protocol/schemas'
import { isOnline } from '../controllers/links.ts'
import type { House } from '../house.ts'
import type { Row } from '../platform/db.ts'
import { Problem } from '../platform/problems.ts'
import { countsOf, groupsIn, stagesIn } from './advance.ts'
import { bytesOf } from './offers.ts'

/** Roll-outs that a page shows. */
const LAST_ROLLOUTS = 20

/** All about updates of a site: keys, images, the last roll-outs, what each controller runs. */
export async function describeUpdates (house: House, siteId: string): Promise<UpdatesAnswer> {
  const { read } = house.db
  const [keys, images, controllers, rollouts] = await Promise.all([
    read.selectFrom('image_keys').selectAll().where('site_id', '=', siteId).orderBy('created_at').execute(),
    read.selectFrom('images').selectAll().where('site_id', '=', siteId).where('removed_at', 'is', null).orderBy('created_at', 'desc').execute(),
    read.selectFrom('controllers').select(['id', 'name', 'hardware', 'firmware', 'update_group']).where('site_id', '=', siteId).where('removed_at', 'is', null).orderBy('name').execute(),
    read.selectFrom('rollouts').select('id').where('site_id', '=', siteId).orderBy('created_at', 'desc').limit(LAST_ROLLOUTS).execute()
  ])
  return {
    keys: keys.map((row) => ({ id: row.id, name: row.name, publicKey: row.public_key, createdAt: row.created_at })),
    images: images.map((row) => ({
      id: row.id, version: row.version, minimum: row.minimum, hardware: row.hardware, size: row.size, sha256: row.sha256, createdAt: row.created_at,
      signedBy: keys.find((key) => key.public_key === row.public_key)?.name ?? '',
      waiting: controllers.filter((one) => one.hardware === row.hardware && versionNumber(row.version) > versionNumber(one.firmware)).length
    })),
    rollouts: await Promise.all(rollouts.map(async ({ id }) => (await describeRollout(house, siteId, id)).rollout)),
    controllers: controllers.map(({ update_group: group, ...row }) => ({ ...row, group, online: isOnline(house, row.id) }))
  }
}

/** One roll-out with each of its controllers. @throws Problem notFound */
export async function describeRollout (house: House, siteId: string, id: string): Promise<RolloutAnswer> {
  const { read } = house.db
  const row = await read.selectFrom('rollouts as r').innerJoin('images as i', 'i.id', 'r.image_id').selectAll('r').select(['i.version', 'i.hardware', 'i.size'])
    .where('r.id', '=', id).where('r.site_id', '=', siteId).executeTakeFirst()
  if (row === undefined) throw new Problem('notFound')
  const members = await read.selectFrom('rollout_controllers as rc').innerJoin('controllers as c', 'c.id', 'rc.controller_id')
    .select(['c.id', 'c.name', 'c.firmware', 'rc.state', 'rc.outcome', 'rc.changed_at', 'rc.stage']).where('rc.rollout_id', '=', id).where('c.removed_at', 'is', null).orderBy('rc.place').execute()
  const groups = groupsIn(row.groups)
  const rows: Row[] = members.map(({ state }) => ({ state }))
  const counts = countsOf(rows)
  const rollout: Rollout = {
    id, imageId: row.image_id, version: row.version, hardware: row.hardware, size: row.size, state: row.state, haltedBy: row.halted_by, stages: stagesIn(row.stages), stage: row.stage, groups,
    pauseMinutes: row.pause_ms / 60_000, mostFailures: row.most_failures, startedBy: row.started_by, createdAt: row.created_at, endedAt: row.ended_at,
    nextStageAt: row.state === 'running' && row.settled_at !== null ? row.settled_at + row.pause_ms : null,
    total: counts.total, installed: counts.begun - counts.underWay - counts.failed, failed: counts.failed, underWay: counts.underWay, waiting: counts.total - counts.begun
  }
  const bytes = (state: string, controllerId: string): number => state === 'installed' || state === 'installing' || state === 'wentBack' ? row.size : state === 'downloading' ? bytesOf(house).get(controllerId) ?? 0 : 0
  return {
    rollout,
    controllers: members.map((one) => ({
      id: one.id, name: one.name, group: groups?.[one.stage ?? -1] ?? null, firmware: one.firmware, online: isOnline(house, one.id), state: one.state, outcome: one.outcome, bytes: bytes(one.state, one.id), changedAt: one.changed_at
    }))
  }
}
