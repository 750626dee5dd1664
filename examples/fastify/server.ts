/** "Is this your address?" in two routes: Fastify, and codes in a SQLite file that may lie beside your own tables. */
import Fastify, { type FastifyInstance } from 'fastify'
import { randomBytes, randomUUID } from 'node:crypto'
import { DatabaseSync } from 'node:sqlite'
import { challengePolicy, createOtp, keyRing } from '@oncekey/otp'
import { sqliteSchema, sqliteStore } from '@oncekey/otp/sqlite'

export type Options = {
  readonly file: string
  /** 32 random bytes that stay the same, and are not kept in the database. */
  readonly key: Uint8Array
  readonly mail: (to: string, text: string) => Promise<void>
}

export function createApp ({ file, key, mail }: Options): FastifyInstance {
  const db = new DatabaseSync(file, { timeout: 5000 })
  db.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL')
  db.exec(sqliteSchema)
  const otp = createOtp({ store: sqliteStore(db, { transaction: 'own' }), keys: keyRing([{ id: '1', key }]), clock: Date.now, entropy: randomBytes })
  const app = Fastify()
  const text = { type: 'string', maxLength: 254 }

  // Limit how often one address and one network may ask: the engine sends nothing, so it can not know.
  app.post<{ Body: { email: string } }>('/start', { schema: { body: { type: 'object', required: ['email'], properties: { email: { ...text, format: 'email' } } } } }, async ({ body: { email } }) => {
    const id = randomUUID()
    const issue = otp.issue({ purpose: 'confirm', scope: id, slot: 'email', policy: challengePolicy, digits: 6, ttlMs: 600_000, data: email })
    if (issue.issued) await mail(email, `Your code is ${issue.code}. It works once, for ten minutes.`)
    return { id }
  })

  app.post<{ Body: { id: string, code: string } }>('/check', { schema: { body: { type: 'object', required: ['id', 'code'], properties: { id: { ...text, minLength: 1, pattern: '^[0-9a-f-]+$' }, code: text } } } }, async ({ body: { id, code } }, reply) => {
    const verdict = otp.verify({ purpose: 'confirm', scope: id, policy: challengePolicy, code })
    // One answer to all refusals: the reason is for your log.
    return verdict.granted ? { confirmed: verdict.data } : reply.code(403).send({ confirmed: null })
  })

  app.addHook('onClose', async () => { db.close() })
  return app
}
