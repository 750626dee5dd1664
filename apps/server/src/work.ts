import { startAlarmWork } from './alarms/work.ts'
import { startAuditWork } from './audit/work.ts'
import { startBackupWork } from './backup/work.ts'
import type { Snap } from './cameras/snapshot.ts'
import { startCameraWork } from './cameras/work.ts'
import { startChallengeWork } from './challenges/work.ts'
import { startCompatWork } from './compat/work.ts'
import { startCodeWork } from './codes/work.ts'
import { startControllerWork } from './controllers/work.ts'
import { startDemoWork } from './demo/work.ts'
import { startDoorWork } from './doors/work.ts'
import { startGuardWork } from './guard/work.ts'
import { startHomeAssistantWork } from './home-assistant/work.ts'
import type { House } from './house.ts'
import { startInsightWork } from './insights/work.ts'
import type { Channel } from './notify/channel.ts'
import { startFeedback } from './notify/feedback.ts'
import { startOutbox } from './notify/loop.ts'
import { startPeopleWork } from './people/listing.ts'
import { startProviderWork } from './providers/roles.ts'
import { startSessionWork } from './sessions/work.ts'
import { startSupportWork } from './support/work.ts'
import { startSetupWork } from './setup/restore.ts'
import { startStandingOrderWork } from './standing-orders/work.ts'
import { startUpdateWork } from './updates/work.ts'
import { startVerificationWork } from './verifications/work.ts'
import type { Poster } from './webhooks/post.ts'
import { startWebhookWork } from './webhooks/work.ts'

export type Work = { stop: () => Promise<void> }

/** What goes on without a request: each feature's loop, started and stopped together. */
export function startWork (house: House, channels: readonly Channel[], ways: { post: Poster, snap: Snap }): Work {
  const loops: Work[] = [startAlarmWork(house), startAuditWork(house), startBackupWork(house), startCameraWork(house, ways.snap), startChallengeWork(house), startCodeWork(house), startCompatWork(house), startControllerWork(house), startDemoWork(house), startDoorWork(house), startGuardWork(house), startHomeAssistantWork(house), startInsightWork(house), startPeopleWork(house), startProviderWork(house), startSessionWork(house), startSetupWork(house), startStandingOrderWork(house), startSupportWork(house), startUpdateWork(house), startVerificationWork(house), startWebhookWork(house, ways.post),
    ...channels.map((channel) => startOutbox(house, channel)), ...channels.filter(({ report }) => report !== undefined).map((channel) => startFeedback(house, channel))]
  return {
    async stop () {
      for (const loop of loops.reverse()) await loop.stop()
    }
  }
}
