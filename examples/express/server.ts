/** Sign-in by a mailed code: Express, and codes in PostgreSQL. Whoever signs in has 20 wrong codes a day over all challenges. */
import express, { type Express } from 'express'
import { randomBytes, randomUUID } from 'node:crypto'
import { challengePolicy, createOtp, keyRing, readerPolicy } from '@oncekey/otp'
import { postgresStore } from '@oncekey/otp/postgres'
import type { Pool } from 'pg'

export type Options = {
  /** Of a database that has the tables of `postgresSchema`. */
  readonly pool: Pool
  readonly key: Uint8Array
  readonly mail: (to: string, text: string) => Promise<void>
}

export function createApp ({ pool, key, mail }: Options): Express {
  const keys = keyRing([{ id: '1', key }])
  const app = express().use(express.json({ limit: '10kb' }))

  app.post('/start', async (request, response) => {
    const email = textOf(request.body, 'email')
    if (!/^[^@\s]+@[^@\s]+$/.test(email)) {
      response.sendStatus(400)
      return
    }
    const id = randomUUID()
    const issue = await inTransaction(otp => otp.issue({ purpose: 'sign-in', scope: id, slot: 'email', policy: challengePolicy, digits: 6, ttlMs: 600_000, data: email }))
    if (issue.issued) await mail(email, `Your code is ${issue.code}. It works once, for ten minutes.`)
    response.json({ id })
  })

  app.post('/check', async (request, response) => {
    const id = textOf(request.body, 'id')
    const email = textOf(request.body, 'email')
    const code = textOf(request.body, 'code')
    if (!/^[0-9a-f-]{36}$/.test(id) || !/^[^@\s]+@[^@\s]+$/.test(email)) {
      response.sendStatus(400)
      return
    }
    // All three in one transaction, so that they are exact together.
    const who = await inTransaction(async otp => {
      const identity = { scope: `to/${email}`, policy: { ...readerPolicy, triesInARow: 20, ceiling: 20 } }
      if (!(await otp.admission(identity)).admitted) return null
      const verdict = await otp.verify({ purpose: 'sign-in', scope: id, policy: challengePolicy, code, permit: async ({ data }) => data === email ? null : 'disabled' })
      await otp.count({ ...identity, granted: verdict.granted })
      return verdict.granted ? verdict.data : null
    })
    // Here your session begins.
    response.status(who === null ? 403 : 200).json({ signedIn: who })
  })

  async function inTransaction<T> (work: (otp: ReturnType<typeof createOtp<'async'>>) => Promise<T>): Promise<T> {
    const client = await pool.connect()
    try {
      await client.query('BEGIN')
      const result = await work(createOtp({ store: postgresStore(client, { transaction: 'caller' }), keys, clock: Date.now, entropy: randomBytes }))
      await client.query('COMMIT')
      return result
    } catch (error) {
      await client.query('ROLLBACK').catch(() => {})
      throw error
    } finally {
      client.release()
    }
  }

  return app
}

function textOf (body: unknown, name: string): string {
  const value: unknown = typeof body === 'object' && body !== null ? Reflect.get(body, name) : undefined
  return typeof value === 'string' ? value.slice(0, 254) : ''
}
