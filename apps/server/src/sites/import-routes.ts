import { PlacesImported, PlacesPreview } from '@oncekey/protocol/schemas'
import type { House } from '../house.ts'
import { callerOf, type App } from '../platform/http.ts'
import { Problem } from '../platform/problems.ts'
import { fileOf, takeLists } from '../platform/uploads.ts'
import { MOST_BYTES, planPlaces, previewOf, readPlaces } from './import-check.ts'
import { importPlaces } from './import.ts'

/** Lists of doors and compartments: a look at what a file would do, and all of it or nothing. */
export async function importRoutes (app: App, house: House): Promise<void> {
  const tags = ['places']
  takeLists(app, MOST_BYTES)
  const upload = { config: { audience: 'operator' as const }, bodyLimit: MOST_BYTES }
  const consumes = ['text/csv']

  app.post('/api/v1/places/imports/preview', { ...upload, schema: { tags, consumes, summary: 'What importing a list of doors and compartments (CSV) would do; writes nothing', response: { 200: PlacesPreview } } }, async (request) => {
    const { siteId } = callerOf(request)
    const file = await readPlaces(fileOf(request.body))
    if (file.fault !== null) return { fault: file.fault, banks: 0, added: 0, changed: 0, here: 0, faulty: 0, faults: [], rows: [], leftOut: [] }
    return previewOf(await planPlaces(house.db.read, siteId, file.rows), file.leftOut)
  })

  app.post('/api/v1/places/imports', { ...upload, schema: { tags, consumes, summary: 'Import a list of doors and compartments (CSV): all of it, or nothing', response: { 201: PlacesImported } } }, async (request, reply) => {
    const { siteId, id, name } = callerOf(request)
    const file = await readPlaces(fileOf(request.body))
    if (file.fault !== null) throw new Problem('badRequest', { errors: [{ field: 'file', needs: 'a list of doors and compartments that can be read; the preview says what is wrong' }] })
    return reply.status(201).send(await house.db.write((trx) => importPlaces(trx, house, { siteId, rows: file.rows }, { id, name })))
  })
}
