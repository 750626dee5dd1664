import type { IncomingMessage } from 'node:http'
import { RestoreBegun, RestoreCheckForm, RestoreForm, RestoreOffer, RestoreParams, restorePartBytes, RestorePartQuery, RestoreState } from '@oncekey/protocol/schemas'
import type { House } from '../house.ts'
import type { App } from '../platform/http.ts'
import { Problem } from '../platform/problems.ts'
import { networkOf, type Tries } from '../platform/tries.ts'
import { beginCheck } from './restore.ts'
import { addPart, beginUpload, findUpload, restoreOffer, stateOf } from './upload.ts'

/** A backup instead of the form, for whoever has the set-up link, while there is no owner. */
export function restoreRoutes (app: App, house: House, tries: Tries): void {
  const tags = ['setup']
  const restore = '/api/v1/setup/restore'
  const config = { audience: 'everybody' } as const
  /** What a page hears that waits for the restored server: there is an owner now. */
  const refuseOwned = async (): Promise<void> => {
    if (await house.db.read.selectFrom('people').select('id').where('role', '=', 'owner').limit(1).executeTakeFirst() !== undefined) throw new Problem('alreadySetUp')
  }

  app.get(restore, { config, schema: { tags, summary: 'How a backup is put back instead of setting up', response: { 200: RestoreOffer } } }, async () => restoreOffer(house))

  app.post(restore, { config, schema: { tags, summary: 'Begin to bring a backup, by the link in the log', body: RestoreForm, response: { 201: RestoreBegun } } }, async (request, reply) => {
    const network = networkOf(request.ip)
    tries.take(network)
    const begun = await beginUpload(house, request.body)
    tries.giveBack(network)
    return reply.status(201).send(begun)
  })

  app.get(`${restore}/:upload`, { config, schema: { tags, summary: 'How far it is; alreadySetUp when it is done', params: RestoreParams, response: { 200: RestoreState } } }, async (request) => {
    // A server that was started anew knows of no upload: that there is an owner is then the good news.
    const state = stateOf(house, request.params.upload)
    if (state === null) await refuseOwned()
    return state ?? findUpload(house, request.params.upload).state
  })

  app.post(`${restore}/:upload/parts`, {
    config, bodyLimit: restorePartBytes,
    schema: { tags, consumes: ['application/octet-stream'], summary: 'The next part of the file, 1 MiB at most', params: RestoreParams, querystring: RestorePartQuery, response: { 200: RestoreState } }
  }, async (request) => {
    const { upload } = request.params
    // Before anything of it is read: strangers bring nothing, and nobody does where somebody is at home.
    await refuseOwned()
    findUpload(house, upload)
    return addPart(house, upload, request.query.from, await partOf(request.raw))
  })

  app.post(`${restore}/:upload/check`, { config, schema: { tags, summary: 'All of it is there: check it, and put it back when it is whole', params: RestoreParams, body: RestoreCheckForm, response: { 202: RestoreState } } }, async (request, reply) => {
    await refuseOwned()
    return reply.status(202).send(beginCheck(house, request.params.upload, request.body))
  })
}

/** @throws Problem tooLarge; badRequest when the line broke: what is left of a part is no part */
async function partOf (body: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = []
  let length = 0
  try {
    for await (const chunk of body) {
      if (!Buffer.isBuffer(chunk)) continue
      length += chunk.length
      if (length > restorePartBytes) throw new Problem('tooLarge', { detail: `A part may have ${restorePartBytes} bytes.` })
      chunks.push(chunk)
    }
  } catch (error) {
    throw error instanceof Problem ? error : new Problem('badRequest', { detail: 'The part broke off.', cause: error })
  }
  return Buffer.concat(chunks)
}
