import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createCall } from './http.ts'
import { restoreVerbs } from './restore.ts'
import { json, world } from './testing/server.ts'
import { updateVerbs } from './updates.ts'

test('every verb of updates asks its own path; a file travels as it is', async (t) => {
  const made = await world(json({}))
  t.after(made.close)
  const verbs = updateVerbs(createCall(made.base, fetch, 5000))
  const all: [string, () => Promise<unknown>][] = [
    ['GET /api/v1/updates', () => verbs.get()],
    ['POST /api/v1/updates/keys {"name":"Works","publicKey":"x"}', () => verbs.trustKey({ name: 'Works', publicKey: 'x' })],
    ['DELETE /api/v1/updates/keys/a%2Fb', () => verbs.removeKey('a/b')],
    ['POST /api/v1/updates/images a program', () => verbs.upload(new Blob(['a program']))],
    ['DELETE /api/v1/updates/images/i1', () => verbs.removeImage('i1')],
    ['POST /api/v1/updates/rollouts {"imageId":"i1"}', () => verbs.start({ imageId: 'i1' })],
    ['GET /api/v1/updates/rollouts/r1', () => verbs.rollout('r1')],
    ['POST /api/v1/updates/rollouts/r1/halt', () => verbs.halt('r1')],
    ['POST /api/v1/updates/rollouts/r1/resume', () => verbs.resume('r1')],
    ['POST /api/v1/updates/rollouts/r1/end', () => verbs.end('r1')]
  ]
  for (const [says, call] of all) {
    await call()
    const { method, path, body, headers } = made.asked.at(-1)!
    assert.equal(`${method} ${path} ${body}`.trim(), says.replace(' /', ' /deep/'))
    if (body === 'a program') assert.equal(headers['content-type'], 'application/octet-stream')
  }
})

test('a backup travels in parts, each with the place where it begins', async (t) => {
  const made = await world(json({}))
  t.after(made.close)
  const verbs = restoreVerbs(createCall(made.base, fetch, 5000))
  const all: [string, () => Promise<unknown>][] = [
    ['GET /api/v1/setup/restore', () => verbs.offer()],
    ['POST /api/v1/setup/restore {"token":"t","bytes":9}', () => verbs.begin({ token: 't', bytes: 9 })],
    ['POST /api/v1/setup/restore/u%2F1/parts?from=4 a part', () => verbs.part('u/1', 4, new Blob(['a part']))],
    ['POST /api/v1/setup/restore/u1/check {}', () => verbs.check('u1')],
    ['POST /api/v1/setup/restore/u1/check {"passphrase":"words"}', () => verbs.check('u1', { passphrase: 'words' })],
    ['GET /api/v1/setup/restore/u1', () => verbs.state('u1')]
  ]
  for (const [says, call] of all) {
    await call()
    const { method, path, body, headers } = made.asked.at(-1)!
    assert.equal(`${method} ${path} ${body}`.trim(), says.replace(' /', ' /deep/'))
    if (body === 'a part') assert.equal(headers['content-type'], 'application/octet-stream')
  }
})
