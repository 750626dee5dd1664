import { Verification, VerificationCheck, VerificationCourse, VerificationForm, VerificationParams, VerificationsAnswer, VerificationsQuery, VerificationVerdict } from '@oncekey/protocol/schemas'
import { Type } from 'typebox'
import { firstAnswer, keepAnswer, MOST_KEY_CHARACTERS } from '../codes/idempotency.ts'
import { noteRefusal } from '../guard/figures.ts'
import { SendRefused } from '../guard/guard.ts'
import type { House } from '../house.ts'
import type { Trx } from '../platform/db.ts'
import { callerOf, keyHolderOf, type App } from '../platform/http.ts'
import { Problem } from '../platform/problems.ts'
import { addresseeOf } from './address.ts'
import { checkCode } from './check.ts'
import { cancelVerification } from './end.ts'
import { describeVerification } from './find.ts'
import { handOver, withCode } from './in-redis.ts'
import { findCourse, findVerifications } from './log.ts'
import { resendCode, startVerification } from './start.ts'

const tags = ['verifications']
const config = { audience: 'key:verifications' as const }
const headers = Type.Object({ 'idempotency-key': Type.Optional(Type.String({ minLength: 1, maxLength: MOST_KEY_CHARACTERS, description: 'the same key with the same words is the same request, for 24 hours' })) })

export function verificationRoutes (app: App, house: House): void {
  app.post('/api/v1/verifications', {
    config, schema: { tags, summary: 'Send somebody a code', body: VerificationForm, headers, response: { 201: Verification } }
  }, async (request, reply) => {
    const asker = keyHolderOf(request)
    const { purpose = 'verification', language = null, ip } = request.body
    const { to, channels } = await addresseeOf(request.body)
    const key = request.headers['idempotency-key']
    const verification = await house.db.write((trx) => once(trx, asker.id, key, ['start', to.address, channels.join(' '), purpose, ...language === null ? [] : [language]], null, () => startVerification(trx, house, { to, channels, purpose, language, ip }, asker))).catch(counted)
    handOver(house, verification.id)
    // An answer that an earlier version kept for this key has none.
    return reply.status(201).send(Object.assign({ deliveries: [] }, verification))
  })

  app.post('/api/v1/verifications/:id/check', {
    config, schema: { tags, summary: 'Is this the code? Exactly five are compared, and the right one works once', params: VerificationParams, body: VerificationCheck, headers, response: { 200: VerificationVerdict } }
  }, (request) => {
    const asker = keyHolderOf(request)
    const { id } = request.params
    const { code } = request.body
    const key = request.headers['idempotency-key']
    return withCode(house, id, (fetched) => house.db.write((trx) => key === undefined
      ? checkCode(trx, house, id, code, asker, fetched)
      : once(trx, asker.id, key, ['check', id], code, () => checkCode(trx, house, id, code, asker, fetched))))
  })

  app.post('/api/v1/verifications/:id/resend', {
    config, schema: { tags, summary: 'Send another code; the earlier one never works again, and no tries come back', params: VerificationParams, response: { 200: Verification } }
  }, async (request) => {
    const verification = await house.db.write((trx) => resendCode(trx, house, request.params.id, keyHolderOf(request))).catch(counted)
    handOver(house, verification.id)
    return verification
  })

  app.post('/api/v1/verifications/:id/cancel', {
    config, schema: { tags, summary: 'End it; harmless when it has ended', params: VerificationParams, response: { 200: Verification } }
  }, (request) => house.db.write((trx) => cancelVerification(trx, house, request.params.id, keyHolderOf(request))))

  app.get('/api/v1/verifications/:id', {
    config: { audience: 'key:verifications:read' }, schema: { tags, summary: 'How it stands', params: VerificationParams, response: { 200: Verification } }
  }, (request) => house.db.write((trx) => describeVerification(trx, house, request.params.id, keyHolderOf(request))))

  app.get('/api/v1/verifications', {
    config: { audience: 'operator' }, schema: { tags, summary: 'For people who work here: the newest first, addresses masked, never a code', querystring: VerificationsQuery, response: { 200: VerificationsAnswer } }
  }, (request) => findVerifications(house, callerOf(request).siteId, request.query))

  app.get('/api/v1/verifications/:id/course', {
    config: { audience: 'operator' }, schema: { tags, summary: 'For people who work here: each message of one, and what became of it', params: VerificationParams, response: { 200: VerificationCourse } }
  }, (request) => findCourse(house, callerOf(request).siteId, request.params.id))

  /** A refusal of the guard has written nothing: it is counted when its write is over. */
  function counted (error: unknown): never {
    if (error instanceof SendRefused) noteRefusal(house, error)
    throw error
  }

  /** `secret` is part of the request, but not of the hash of it that is kept: a hash of six digits would be as good as the digits. */
  async function once<Answer> (trx: Trx, keyId: string, key: string | undefined, request: readonly string[], secret: string | null, answer: () => Promise<Answer>): Promise<Answer> {
    if (key === undefined) return answer()
    const order = { personId: keyId, key, request }
    const first = await firstAnswer<{ secret: string | null, answer: Answer }>(trx, house, order)
    if (first === null) {
      const fresh = await answer()
      await keepAnswer(trx, house, order, { secret, answer: fresh }, null)
      return fresh
    }
    if (!('answer' in first)) throw new Problem('busy', { retryAfterSeconds: 1 })
    if (first.answer.secret !== secret) throw new Problem('keyReused')
    return first.answer.answer
  }
}
