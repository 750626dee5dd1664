/** Every test of verifications.test.ts once more, with the codes in Redis. */
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { codesAt, openVerifier } from '../testing/verifier.ts'
import { startTestRedis, type TestRedis } from '../testing/redis.ts'

let redis: TestRedis
before(async () => {
  redis = await startTestRedis()
  codesAt.redisUrl = redis.url
})
after(async () => { await redis.stop() })

test('the codes of these tests are in Redis, and in no row', async () => {
  const v = await openVerifier()
  const { id, digits } = await v.start()
  assert.deepEqual((await v.world.house.rows('SELECT code_hash, status FROM verifications')).map((row) => ({ ...row })), [{ code_hash: null, status: 'pending' }])
  assert.equal((await v.check(id, digits)).body.status, 'approved')
  await v.world.close()
})

await import('./verifications.test.ts')
