import type { CompatContract } from '@oncekey/protocol/schemas'
import { Type } from 'typebox'
import { linesOf } from '../controllers/links.ts'
import type { House } from '../house.ts'
import type { App } from '../platform/http.ts'
import { Problem } from '../platform/problems.ts'
import { deliveriesOf, requestCode, verifyCode } from './door.ts'
import { lockerBlocked, lockerReports, lockerSaysBlocked } from './locker.ts'
import { findOldProgram, type OldProgram } from './tokens.ts'

/** One for every refusal, as at every keypad: it says no reason. */
const notAccepted = Object.freeze({ status: 'error', message: 'Not accepted' })
const saysNo: Readonly<Record<'nobody' | 'noMail' | 'tooSoon' | 'lockedOut', { code: 409 | 429 | 503, message: string }>> = Object.freeze({
  nobody: { code: 409, message: 'No recipients' }, noMail: { code: 503, message: 'No mail server' }, tooSoon: { code: 429, message: 'Too soon' }, lockedOut: { code: 429, message: 'Keypad locked' }
})

/**
 * What the two old programs say to a server and want to hear, under a token of each of their own. Not in the API's
 * document: nobody is to write new programs against it.
 */
export function oldProgramRoutes (app: App, house: House): void {
  const params = Type.Object({ token: Type.String({ maxLength: 100 }) })
  const options = { config: { audience: 'everybody' as const }, schema: { hide: true, params } }
  const whoComes = async (token: string, contract: CompatContract): Promise<OldProgram> => {
    const program = await findOldProgram(house, token, contract)
    // Unknown, revoked, of the other program, and all of them while it is off: the same answer.
    if (program === null) throw new Problem('notFound')
    // A stolen token is not to fill the disk with questions: the measure of every keypad.
    if (!linesOf(house).questions.take(program.controller.id)) throw new Problem('tooManyTries', { retryAfterSeconds: 1 })
    return program
  }

  for (const path of ['/compat/:token', '/compat/:token/', '/compat/:token/health']) {
    app.get(path, options, async (request) => {
      const { token } = request.params as { token: string } // Fastify knows it only from a literal path.
      if (await findOldProgram(house, token, 'door') === null && await findOldProgram(house, token, 'locker') === null) throw new Problem('notFound')
      return { status: 'healthy', service: 'Oncekey', message: 'Running' }
    })
  }

  app.post('/compat/:token/send-otp', {
    ...options, schema: { ...options.schema, body: Type.Object({ mode: Type.Union([Type.Literal('lock'), Type.Literal('unlock')]) }) }
  }, async (request, reply) => {
    const program = await whoComes(request.params.token, 'door')
    const asked = await requestCode(house, program, request.body.mode)
    if (asked.is === 'refused') return reply.status(saysNo[asked.why].code).send({ status: 'error', message: saysNo[asked.why].message })
    if (!asked.isNew) return { status: 'success', message: 'Code already sent' }
    const { sent, of } = await deliveriesOf(house, asked.codeId)
    return sent === of ? { status: 'success', message: `Code sent to ${of}` } : { status: 'partial_success', message: `Code sent to ${sent} of ${of}` }
  })

  app.post('/compat/:token/verify-otp', {
    ...options, schema: { ...options.schema, body: Type.Object({ otp: Type.String({ maxLength: 64 }) }) }
  }, async (request, reply) => {
    const mode = await verifyCode(house, await whoComes(request.params.token, 'door'), request.body.otp)
    return mode === null ? reply.status(400).send(notAccepted) : { status: 'success', message: 'OTP verified successfully', mode }
  })

  const status = Type.Object({ status: Type.String({ minLength: 1, maxLength: 32 }) })
  app.get('/compat/:token/current_status', { ...options, schema: { ...options.schema, querystring: status } }, async (request) => {
    if (!await lockerReports(house, await whoComes(request.params.token, 'locker'), request.query.status)) throw new Problem('badRequest', { errors: [{ field: 'status', needs: 'opened or closed' }] })
    return { status: 'success' }
  })
  app.get('/compat/:token/sendblockmail', options, async (request) => {
    await lockerBlocked(house, await whoComes(request.params.token, 'locker'))
    return { status: 'success' }
  })
  app.get('/compat/:token/block_status', { ...options, schema: { ...options.schema, querystring: status } }, async (request) => {
    await lockerSaysBlocked(house, await whoComes(request.params.token, 'locker'), request.query.status)
    return { status: 'success' }
  })
}
