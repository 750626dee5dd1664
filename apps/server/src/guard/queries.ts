import type { GuardBlock, GuardState } from '@oncekey/protocol/schemas'
import type { House } from '../house.ts'
import { shownAs } from './blocks.ts'
import { spentIn, spentName } from './rows.ts'
import { guardSettings } from './settings.ts'

const WEEK_MS = 604_800_000
const MOST_SHOWN = 200

/** Settings, blocks, and what went out today. */
export async function findGuard (house: House): Promise<GuardState> {
  const now = house.clock()
  const settings = await guardSettings(house.db.read)
  const rows = await house.db.read.selectFrom('guard_blocks').selectAll().where((one) => one.or([one('ended_at', 'is', null), one('ended_at', '>', now - WEEK_MS)]))
    .orderBy('since', 'desc').orderBy('id', 'desc').limit(MOST_SHOWN).execute()
  const blocks: GuardBlock[] = []
  for (const row of rows) {
    blocks.push({
      id: row.id, level: row.level as GuardBlock['level'], subject: await shownAs({ prepare: house.db.ask }, row.name), since: Number(row.since), until: Number(row.until), // the level is a word of ours
      sent: Number(row.sent), verified: Number(row.verified), endedAt: row.ended_at === null ? null : Number(row.ended_at), liftedBy: row.lifted_by, why: row.why
    })
  }
  const day = spentName('', now)
  const spent = await house.db.read.selectFrom('guard_purses').select(['name', 'purse']).where('name', '>=', day).where('name', '<', day + '~').execute()
  const channels = [...new Set([...spent.map(({ name }) => name.slice(day.length)), ...settings.caps.map(({ channel }) => channel)])].sort()
  return {
    settings, blocks,
    spent: channels.map((channel) => {
      const cap = settings.caps.find((one) => one.channel === channel)
      return { channel, ...spentIn(spent.find(({ name }) => name === day + channel)?.purse), mostMessages: cap?.messages ?? null, mostMicros: cap?.micros ?? null }
    })
  }
}
