import { Demo, DemoForm, DemoRun, DemoSettings, DemoVerdict, VerificationCheck, VerificationParams, type VerificationChannel } from '@oncekey/protocol/schemas'
import type { FastifyRequest } from 'fastify'
import type { House } from '../house.ts'
import { wayOf } from '../notify/ways.ts'
import { callerOf, isAtLeast, type App } from '../platform/http.ts'
import { addresseeOf } from '../verifications/address.ts'
import { hasNews } from './inbox.ts'
import { checkDemo, describeDemo, mustHaveBegun, resendDemo, startDemo } from './run.ts'
import { changeDemo, demoSettings } from './settings.ts'
import { countDemo, countDemoAnswer, countDemoLook, mayTry, visitOf, welcomeVisit } from './visitor.ts'

const channels: readonly VerificationChannel[] = ['email', 'sms', 'whatsapp', 'voice']

export function demoRoutes (app: App, house: House): void {
  const tags = ['demo']
  const config = { audience: 'everybody' as const }

  app.get('/api/v1/demo', { config, schema: { tags, summary: 'What the demo page offers to whoever asks', response: { 200: Demo } } }, (request) => demoFor(request))

  app.patch('/api/v1/demo', { config: { audience: 'admin', needsProof: true }, schema: { tags, summary: 'Decide whether the demo page is for everybody', body: DemoSettings, response: { 200: Demo } } }, async (request) => {
    const { id, name } = callerOf(request)
    await house.db.write((trx) => changeDemo(trx, house, request.body, { id, name }))
    return demoFor(request)
  })

  app.post('/api/v1/demo/verifications', { config, schema: { tags, summary: 'Begin a demonstration: a verification whose message stays here', body: DemoForm, response: { 201: DemoRun } } }, async (request, reply) => {
    const visit = await welcomeVisit(house, request, reply)
    const { to: typed, channel: wanted, language = null, isReal = false } = request.body
    const { to, channels: [channel = 'email'] } = await addresseeOf({ to: typed, ...wanted !== undefined && { channel: wanted } })
    countDemo(house, request, visit)
    const run = await house.db.write((trx) => startDemo(trx, house, { to, channel, language, isReal, ip: request.ip }, visit))
    return reply.status(201).send(run)
  })

  app.get('/api/v1/demo/verifications/:id', { config, schema: { tags, summary: 'How it stands, and its message, for the browser that began it alone', params: VerificationParams, response: { 200: DemoRun } } }, async (request) => {
    const visit = await visitOf(house, request)
    await mustHaveBegun(house, request.params.id, visit)
    countDemoLook(house, visit)
    return house.db.write((trx) => describeDemo(trx, house, request.params.id, visit), await hasNews(house, request.params.id) ? {} : { beside: [] })
  })

  app.post('/api/v1/demo/verifications/:id/check', { config, schema: { tags, summary: 'Is this the code?', params: VerificationParams, body: VerificationCheck, response: { 200: DemoVerdict } } }, async (request) => {
    const visit = await visitOf(house, request)
    countDemoAnswer(house, request)
    await mustHaveBegun(house, request.params.id, visit)
    return house.db.write((trx) => checkDemo(trx, house, request.params.id, request.body.code, visit))
  })

  app.post('/api/v1/demo/verifications/:id/resend', { config, schema: { tags, summary: 'Another code; the earlier one never works again, and no tries come back', params: VerificationParams, response: { 200: DemoRun } } }, async (request) => {
    const visit = await visitOf(house, request)
    await mustHaveBegun(house, request.params.id, visit)
    countDemo(house, request, visit)
    return house.db.write((trx) => resendDemo(trx, house, request.params.id, visit))
  })

  async function demoFor (request: FastifyRequest): Promise<Demo> {
    const isOperator = request.caller !== null && isAtLeast(request.caller.role, 'operator')
    return {
      isOpen: await mayTry(house, request), forStrangers: isOperator ? (await demoSettings(house.db.read)).forStrangers : null,
      realChannels: isOperator ? channels.filter((one) => wayOf(house.config, one) !== null) : []
    }
  }
}
