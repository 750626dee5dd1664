import { timingSafeEqual } from 'node:crypto'
import { createReadStream, type ReadStream } from 'node:fs'
import { lineTo } from '../controllers/links.ts'
import type { House } from '../house.ts'
import { Problem } from '../platform/problems.ts'
import { bytesOf, tellRollout } from './offers.ts'
import { imagePath } from './upload.ts'

/** Bytes `from` up to, without, `to` of `size`. */
export type Part = { from: number, to: number, size: number, stream: ReadStream, isWhole: boolean }

/** An image that was damaged on its way is asked for again at once; pages hear of it after this. */
const ANEW_MS = 60_000

/**
 * A part of the image that is offered to this controller, for whoever has the token of that very offer: a controller gets
 * its own image and nothing else, and nobody else gets any.
 * @param range the header: `bytes=FROM-TO`; the whole image for another one
 * @throws Problem notFound, the same for all that is not right
 */
export async function servePart (house: House, controllerId: string, token: string, range: string | undefined): Promise<Part> {
  const line = await lineTo(house, controllerId)
  if (line === null) throw new Problem('notFound')
  const row = await house.db.read.selectFrom('rollout_controllers as rc').innerJoin('rollouts as r', 'r.id', 'rc.rollout_id').innerJoin('images as i', 'i.id', 'r.image_id')
    .select(['rc.rollout_id', 'rc.state', 'rc.offer', 'rc.changed_at', 'i.id as image_id', 'i.size']).where('rc.controller_id', '=', controllerId)
    .where('rc.state', 'in', ['offered', 'downloading', 'installing']).where('r.ended_at', 'is', null).executeTakeFirst()
  if (row === undefined || row.offer === null || !isSame(token, line.tokenOf(row.offer))) throw new Problem('notFound')
  const { size } = row
  const { from, to, isWhole } = partOf(range, size)
  bytesOf(house).set(controllerId, to)
  const state = to === size ? 'installing' as const : 'downloading' as const
  const now = house.clock()
  // Whoever begins anew right after its last part says so a little later: asking for both in turn is not to cost a write each.
  const isSoon = row.state === 'installing' && now >= row.changed_at && now - row.changed_at < ANEW_MS
  if (state !== row.state && !isSoon) {
    await house.db.write(async (trx) => {
      const { changes } = await trx.prepare(`UPDATE rollout_controllers SET state = ?, changed_at = ? WHERE rollout_id = ? AND controller_id = ? AND offer = ?
        AND state IN ('offered', 'downloading', 'installing') AND state <> ?`).run(state, now, row.rollout_id, controllerId, row.offer, state)
      if (changes > 0) tellRollout(trx, house, row.rollout_id)
    })
  }
  return { from, to, size, isWhole, stream: createReadStream(imagePath(house, row.image_id), { start: from, end: to - 1 }) }
}

/** RFC 9110 14.2: one range of bytes; what is none, or lies outside, is as if it were not there. */
function partOf (range: string | undefined, size: number): { from: number, to: number, isWhole: boolean } {
  const [, first, last] = /^bytes=(\d{1,9})-(\d{1,9})?$/.exec(range ?? '') ?? []
  const from = Number(first)
  const to = Math.min(size, Number(last ?? size - 1) + 1)
  return first !== undefined && from < to ? { from, to, isWhole: false } : { from: 0, to: size, isWhole: true }
}

function isSame (given: string, right: string): boolean {
  return given.length === right.length && timingSafeEqual(Buffer.from(given), Buffer.from(right))
}
