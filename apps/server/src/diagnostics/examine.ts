import type { Diagnosis, Finding } from '@oncekey/protocol/schemas'
import { lookAtBroker } from './broker.ts'
import { lookAtClock } from './clock.ts'
import { lookAtControllers } from './controllers.ts'
import { lookAtDatabase } from './database.ts'
import { lookAtDoors } from './doors.ts'
import { lookAtDisk, lookAtFiles } from './files.ts'
import { look } from './finding.ts'
import { lookAtChannels, lookAtMail } from './mail.ts'
import { lookAtNames, lookAtTls } from './network.ts'
import type { Patient } from './patient.ts'
import { lookAtRedis } from './redis.ts'
import { lookAtServer } from './server.ts'

const parts: Readonly<Record<string, (patient: Patient) => Promise<Finding[]>>> = {
  server: lookAtServer, database: lookAtDatabase, Redis: lookAtRedis, broker: lookAtBroker, clock: lookAtClock, mail: lookAtMail, channels: lookAtChannels, doors: lookAtDoors, DNS: lookAtNames, TLS: lookAtTls, disk: lookAtDisk, files: lookAtFiles
}
const worst: Record<Finding['state'], number> = { bad: 0, warn: 1, ok: 2 }

/** Looks at every part at once, each within its time, and tells the worst first. */
export async function examine (patient: Patient): Promise<Diagnosis> {
  let controllers: Diagnosis['controllers'] = []
  const found = await Promise.all([
    ...Object.entries(parts).map(([part, at]) => look(part, patient.patienceMs, () => at(patient))),
    look('controllers', patient.patienceMs, async () => {
      const seen = await lookAtControllers(patient)
      controllers = seen.controllers
      return seen.findings
    })
  ])
  const findings = found.flat()
  // Where there is no database every part that asks it fails; that is said once.
  const isAway = findings.some(({ code }) => code === 'database.missing' || code === 'database.away')
  return { at: patient.now, controllers, findings: findings.filter(({ code }) => !isAway || code !== 'check.failed').toSorted((a, b) => worst[a.state] - worst[b.state]) }
}
