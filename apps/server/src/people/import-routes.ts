import { IdParams, ImportPreview, ImportQuery, ImportsAnswer, ImportState } from '@oncekey/protocol/schemas'
import type { House } from '../house.ts'
import { describeMe } from '../me/describe.ts'
import { callerOf, type App } from '../platform/http.ts'
import { Problem } from '../platform/problems.ts'
import { fileOf, takeLists } from '../platform/uploads.ts'
import { planImport, previewOf } from './import-check.ts'
import { MOST_BYTES, readPeople } from './import-read.ts'
import { findImport, findImports } from './import-state.ts'
import { startImport } from './import.ts'
import { reportOf } from './import-report.ts'

/** Lists of people: a look at what a file would do, the import as a job of its own, its progress and its report. */
export async function importRoutes (app: App, house: House): Promise<void> {
  const tags = ['people']
  takeLists(app, MOST_BYTES)
  const upload = { config: { audience: 'admin' as const }, bodyLimit: MOST_BYTES }
  // A list may give roles.
  const start = { ...upload, config: { ...upload.config, needsProof: true as const } }
  const consumes = ['text/csv']

  app.post('/api/v1/people/imports/preview', { ...upload, schema: { tags, consumes, summary: 'What importing a list of people (CSV) would do; writes nothing', response: { 200: ImportPreview } } }, async (request) => {
    const file = await readPeople(fileOf(request.body))
    if (file.fault !== null) return { fault: file.fault, total: 0, fresh: 0, here: 0, faulty: 0, faults: [], sample: [], leftOut: [] }
    return previewOf(await planImport(house, callerOf(request), file.rows), file.leftOut)
  })

  app.post('/api/v1/people/imports', { ...start, schema: { tags, consumes, summary: 'Import a list of people (CSV): adds whoever is not here yet, by and by', querystring: ImportQuery, response: { 202: ImportState } } }, async (request, reply) => {
    const by = callerOf(request)
    const file = await readPeople(fileOf(request.body))
    if (file.fault !== null) throw new Problem('badRequest', { errors: [{ field: 'file', needs: 'a list of people that can be read; the preview says what is wrong' }] })
    const { site } = await describeMe(house, by.id)
    const { id } = await startImport(house, { siteId: by.siteId, siteName: site.name, by, invite: request.query.invite === true }, await planImport(house, by, file.rows))
    return reply.status(202).send(await findImport(house, by.siteId, id))
  })

  app.get('/api/v1/people/imports', { config: { audience: 'admin' }, schema: { tags, summary: 'Imports of the last week', response: { 200: ImportsAnswer } } }, async (request) => ({
    imports: await findImports(house, callerOf(request).siteId)
  }))

  app.get('/api/v1/people/imports/:id', { config: { audience: 'admin' }, schema: { tags, summary: 'How far an import is', params: IdParams, response: { 200: ImportState } } }, async (request) =>
    findImport(house, callerOf(request).siteId, request.params.id))

  app.get('/api/v1/people/imports/:id/report', { config: { audience: 'admin' }, schema: { tags, summary: 'What became of each row (CSV)', params: IdParams } }, async (request, reply) => {
    const { id } = await findImport(house, callerOf(request).siteId, request.params.id)
    return reply.type('text/csv; charset=utf-8').header('content-disposition', `attachment; filename="people-import-${id}.csv"`).send(await reportOf(house, id))
  })
}
