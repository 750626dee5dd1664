import { statSync } from 'node:fs'
import type { Diagnosis } from '@oncekey/protocol/schemas'
import { conditionOf } from '../controllers/condition.ts'
import type { House } from '../house.ts'
import { healthOf } from '../platform/health.ts'
import { perHouse } from '../platform/per-house.ts'
import type { Patient } from './patient.ts'

/** One look asks mail servers and name servers: whoever asks within this time gets the same answer. */
const SHARED_MS = 5_000
const PATIENCE_MS = 8_000

const latestOf = perHouse((_house: House): { at: number, diagnosis: Promise<Diagnosis> | null } => ({ at: 0, diagnosis: null }))

/** Looks at the house from inside its server. */
export async function examineHouse (house: House): Promise<Diagnosis> {
  const latest = latestOf(house)
  const now = house.clock()
  if (latest.diagnosis === null || now - latest.at >= SHARED_MS || now < latest.at) {
    latest.at = now
    latest.diagnosis = import('./examine.ts').then(({ examine }) => examine(houseAsPatient(house)))
  }
  return latest.diagnosis
}

export function houseAsPatient (house: House): Patient {
  const { mqttPort, mqttsPort } = house.brokerAt()
  return {
    config: house.config, read: (work) => work(house.db.read), present: (id) => conditionOf(house, id), now: house.clock(), installedAt: installedAt(), patienceMs: PATIENCE_MS,
    server: async () => ({ url: house.link(''), health: await healthOf(house) }),
    ports: { mqtt: mqttPort, mqtts: mqttsPort, https: Number(URL.parse(house.secureUrl() ?? '')?.port) || (house.tls === null ? 0 : house.config.httpsPort) }
  }
}

/** As the files of this program say. */
export function installedAt (): number {
  return Math.floor(statSync(new URL('../../package.json', import.meta.url)).mtimeMs)
}
