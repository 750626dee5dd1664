import { startAuditWork } from './audit/work.ts'
import { startChallengeWork } from './challenges/work.ts'
import { startCompatWork } from './compat/work.ts'
import { startCodeWork } from './codes/work.ts'
import { startControllerWork } from './controllers/work.ts'
import { startDoorWork } from './doors/work.ts'
import { startGuardWork } from './guard/work.ts'
import type { House } from './house.ts'
import type { Channel } from './notify/channel.ts'
import { startFeedback } from './notify/feedback.ts'
import { startOutbox } from './notify/loop.ts'
import { startPeopleWork } from './people/listing.ts'
import { startSessionWork } from './sessions/work.ts'
import { startUpdateWork } from './updates/work.ts'
import { startVerificationWork } from './verifications/work.ts'
import type { Poster } from './webhooks/post.ts'
import { startWebhookWork } from './webhooks/work.ts'

export type Work = { stop: () => Promise<void> }

/** What goes on without a request: each feature's loop, started and stopped together. */
export function startWork (house: House, channels: readonly Channel[], post: Poster): Work {
  const loops: Work[] = [startAuditWork(house), startChallengeWork(house), startCodeWork(house), startCompatWork(house), startControllerWork(house), startDoorWork(house), startGuardWork(house), startPeopleWork(house), startSessionWork(house), startUpdateWork(house), startVerificationWork(house), startWebhookWork(house, post),
    ...channels.map((channel) => startOutbox(house, channel)), ...channels.filter(({ report }) => report !== undefined).map((channel) => startFeedback(house, channel))]
  return {
    async stop () {
      for (const loop of loops.reverse()) await loop.stop()
    }
  }
}
