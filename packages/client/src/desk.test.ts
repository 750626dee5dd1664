import assert from 'node:assert/strict'
import { test } from 'node:test'
import { desk } from './desk.ts'
import { json, world } from './testing/server.ts'

test('every verb of the desk asks its own path; a list travels as it is', async (t) => {
  const made = await world(json({}))
  t.after(made.close)
  const d = desk({ base: made.base })
  const verbs: [string, () => Promise<unknown>][] = [
    ['GET /api/v1/people/p1', () => d.person('p1')],
    ['GET /api/v1/people/..%2Fme', () => d.person('../me')],
    ['POST /api/v1/people/p1/sign-out', () => d.signOut('p1')],
    ['POST /api/v1/people/p1/reset-password', () => d.resetPassword('p1')],
    ['GET /api/v1/people/p1/code-log', () => d.codeLog('p1')],
    ['GET /api/v1/people/p1/code-log?after=x&limit=5', () => d.codeLog('p1', { after: 'x', limit: 5 })],
    ['POST /api/v1/people/imports/preview name,email', () => d.imports.preview('name,email')],
    ['POST /api/v1/people/imports?invite=false name,email', () => d.imports.start('name,email')],
    ['POST /api/v1/people/imports?invite=true name,email', () => d.imports.start(new Blob(['name,email']), { invite: true })],
    ['GET /api/v1/people/imports', () => d.imports.list()],
    ['GET /api/v1/people/imports/i1', () => d.imports.get('i1')],
    ['POST /api/v1/places/imports/preview name,bank', () => d.places.preview('name,bank')],
    ['POST /api/v1/places/imports name,bank', () => d.places.take('name,bank')]
  ]
  for (const [says, call] of verbs) {
    await call()
    const { method, path, body, headers } = made.asked.at(-1)!
    assert.equal(`${method} ${path} ${body}`.trim(), says.replace(' /', ' /deep/'))
    assert.equal(headers['content-type'], body === '' ? undefined : 'text/csv')
  }
  assert.equal(d.imports.reportUrl('a/b'), `${made.base}/api/v1/people/imports/a%2Fb/report`.replace('//api', '/api'))
})
