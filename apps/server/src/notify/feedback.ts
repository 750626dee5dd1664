import type { House } from '../house.ts'
import { repeat, type Loop } from '../platform/repeat.ts'
import { channelFault, type Channel } from './channel.ts'

const MOST_AT_ONCE = 20
const LOOK_EVERY_MS = 2_000
/** The other side has forgotten it by then. */
const KEPT_MS = 3_600_000

/** Tells who sent our codes what became of them, where a channel asks for it. Nothing waits for it, and nothing is lost at a crash. */
export function startFeedback (house: House, { name, report }: Channel): Loop {
  return repeat(LOOK_EVERY_MS, async () => { if (report !== undefined) await giveFeedback(house, name, report) }, house.log)
}

export async function giveFeedback (house: House, channel: string, report: NonNullable<Channel['report']>): Promise<void> {
  const due = await house.db.read.selectFrom('outbox as o').innerJoin('verifications as v', 'v.id', 'o.verification_id').select(['o.id', 'o.provider_id', 'o.created_at', 'v.status'])
    .where('o.feedback', '=', 'due').where('o.channel', '=', channel).where('v.status', '<>', 'pending').orderBy('o.created_at').limit(MOST_AT_ONCE).execute()
  for (const { id, provider_id: providerId, created_at: createdAt, status } of due) {
    try {
      if (providerId !== null) await report(providerId, status === 'approved' ? 'approved' : 'canceled')
    } catch (error) {
      if (createdAt > house.clock() - KEPT_MS) {
        house.log.warn('the outcome of a code could not be reported yet', { message: id, fault: channelFault(error) })
        return
      }
    }
    await house.db.write(async (trx) => { await trx.prepare('UPDATE outbox SET feedback = NULL WHERE id = ?').run(id) })
  }
}
