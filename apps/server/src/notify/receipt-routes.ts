import { Id, type GatewayReceipt } from '@oncekey/protocol/schemas'
import { Type } from 'typebox'
import type { House } from '../house.ts'
import type { App } from '../platform/http.ts'
import { Problem } from '../platform/problems.ts'
import { GATEWAY_RECEIPTS, takeReceipt, TWILIO_RECEIPTS, type Receipt } from './receipts.ts'
import { isSigned } from '../platform/standard-webhooks.ts'
import { isTwilios } from './twilio-signature.ts'

const tags = ['receipts']
const bodyLimit = 16_384
/** What Twilio calls the states of a message; others are on their way to one of these. */
const twilioStates: Readonly<Record<string, Receipt['state'] | undefined>> = { accepted: 'sent', queued: 'sent', sending: 'sent', sent: 'sent', delivered: 'delivered', read: 'delivered', undelivered: 'failed', failed: 'failed', canceled: 'failed' }

/** Where gateways say what became of messages. Anybody may call; what is not signed is refused before it is looked at. */
export function receiptRoutes (app: App, house: House): void {
  // In a scope of its own: a signature is of the very bytes, and nothing else here takes forms.
  void app.register(async (receipts: App) => {
    receipts.removeAllContentTypeParsers()
    receipts.addContentTypeParser(['application/json', 'application/x-www-form-urlencoded'], { parseAs: 'string', bodyLimit }, (_request, body, done) => { done(null, body) })

    receipts.post(TWILIO_RECEIPTS, { bodyLimit, config: { audience: 'everybody' }, schema: { tags, summary: 'What became of a message, by Twilio: signed by X-Twilio-Signature', querystring: Type.Object({ message: Id }), response: { 204: Type.Null() } } }, async (request, reply) => {
      const { sms } = house.config.channels
      const form = new URLSearchParams(typeof request.body === 'string' ? request.body : '')
      // By our own address, and not by what a proxy or a header says.
      const query = request.url.indexOf('?')
      const url = house.link(TWILIO_RECEIPTS) + (query < 0 ? '' : request.url.slice(query))
      if (sms?.is !== 'twilio' || !isTwilios(sms.token, url, form, request.headers['x-twilio-signature'])) throw new Problem('signatureRefused')
      const state = twilioStates[form.get('MessageStatus') ?? form.get('SmsStatus') ?? '']
      if (state !== undefined) await note({ messageId: request.query.message, via: 'twilio', state, providerId: word(form.get('MessageSid'), /^[A-Z]{2}[\da-f]{32}$/i), fault: word(form.get('ErrorCode'), /^\d{1,6}$/) })
      return reply.status(204).send(null)
    })

    receipts.post(GATEWAY_RECEIPTS, { bodyLimit, config: { audience: 'everybody' }, schema: { tags, summary: 'What became of a message, by a gateway of your own: {"type":"receipt","id":…,"state":"delivered"}, signed as docs/channels.md says', response: { 204: Type.Null() } } }, async (request, reply) => {
      const secret = Object.values(house.config.channels).find((one) => one?.is === 'gateway')
      const body = typeof request.body === 'string' ? request.body : ''
      if (secret?.is !== 'gateway' || !isSigned(secret.secret, request.headers, body, house.clock())) throw new Problem('signatureRefused')
      const { id, state, providerId = null, fault = null } = receiptIn(body)
      await note({ messageId: id, via: 'gateway', state, providerId, fault: word(fault, /^[A-Za-z\d_.-]{1,20}$/) })
      return reply.status(204).send(null)
    })
  })

  async function note (receipt: Receipt): Promise<void> {
    await house.db.write((trx) => takeReceipt(trx, house, receipt))
  }
}

/** @throws Problem badRequest: also for a message of ours that somebody sends back, which bears the same signature */
function receiptIn (body: string): GatewayReceipt {
  const { type, id, state, providerId, fault } = objectIn(body)
  const said = state === 'sent' || state === 'delivered' || state === 'failed' ? state : null
  if (type !== 'receipt' || typeof id !== 'string' || id.length > 40 || said === null) throw new Problem('badRequest', { errors: [{ field: 'state', needs: '{"type":"receipt","id":the message\'s id,"state":"sent", "delivered" or "failed"}' }] })
  return { type, id, state: said, ...typeof providerId === 'string' && { providerId: providerId.slice(0, 100) }, ...typeof fault === 'string' && { fault } }
}

function objectIn (body: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(body)
    return typeof value === 'object' && value !== null ? { ...value } : {}
  } catch {
    throw new Problem('badRequest', { detail: 'The body is not JSON.' })
  }
}

function word (text: string | null, shape: RegExp): string | null {
  return text !== null && shape.test(text) ? text : null
}
