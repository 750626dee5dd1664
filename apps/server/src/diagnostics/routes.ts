import { Diagnosis, Hardening } from '@oncekey/protocol/schemas'
import type { House } from '../house.ts'
import type { App } from '../platform/http.ts'
import { examineHouse, houseAsPatient } from './inside.ts'

export function diagnosticsRoutes (app: App, house: House): void {
  const tags = ['diagnostics']

  app.get('/api/v1/diagnostics', {
    config: { audience: 'operator' },
    schema: { tags, summary: 'How every part is: what is the matter, and the cure; the worst first', response: { 200: Diagnosis } }
  }, () => examineHouse(house))

  app.get('/api/v1/diagnostics/hardening', {
    config: { audience: 'admin' },
    schema: { tags, summary: 'What would make this installation safer, the heaviest first', response: { 200: Hardening } }
  }, async () => (await import('./hardening.ts')).adviseOn(houseAsPatient(house)))
}
