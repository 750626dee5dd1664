import type { ChannelSettings } from '../notify/settings.ts'
import { gatewayChannel } from '../notify/channels/gateway.ts'
import { twilioVerifyChannel } from '../notify/channels/twilio-verify.ts'
import { twilioChannel } from '../notify/channels/twilio.ts'
import { startOutbox, type OutboxLoop } from '../notify/loop.ts'
import { GATEWAY_RECEIPTS, twilioReceipts } from '../notify/receipts.ts'
import { twilioSignature } from '../notify/twilio-signature.ts'
import { signedHeaders } from '../platform/standard-webhooks.ts'
import { fallBackLate } from '../verifications/fall-back.ts'
import { GATEWAY_SECRET, provider, TWILIO, twilioTook, type Provider, type Request } from './gateway.ts'
import { openVerifier, type Verifier } from './verifier.ts'

export type Message = { id: string, channel: string, to: string, text: string, code: string, receipts: string }

/** A verifier with three gateways that take messages to phones, each a small real server, and the loops that send. */
export type Phones = Verifier & {
  gateways: Record<'sms' | 'whatsapp' | 'voice', Provider>
  /** The same with its own retries' jitter taken out; sends what is due. */
  flush: () => Promise<void>
  /** Time passes; what falls back falls back, what is due is sent. */
  pass: (ms: number) => Promise<void>
  messages: (channel: 'sms' | 'whatsapp' | 'voice') => Message[]
  /** A receipt of a gateway, signed unless told. @returns the status of the answer */
  receipt: (id: string, state: string, more?: { headers?: Record<string, string>, body?: string }) => Promise<number>
  end: () => Promise<void>
}

export const PUBLIC_URL = 'https://keys.gym.example'

export async function openPhones (env: Record<string, string> = {}, longestMs = 500): Promise<Phones> {
  const gateways = { sms: await provider(), whatsapp: await provider(), voice: await provider() }
  const v = await openVerifier({ env: { ONCEKEY_SMS_URL: gateways.sms.url, ONCEKEY_WHATSAPP_URL: gateways.whatsapp.url, ONCEKEY_VOICE_URL: gateways.voice.url, ONCEKEY_GATEWAY_SECRET: `whsec_${GATEWAY_SECRET}`, ONCEKEY_PUBLIC_URL: PUBLIC_URL, ...env } })
  const { house } = v.world
  const loops: OutboxLoop[] = []
  for (const name of ['sms', 'whatsapp', 'voice'] as const) {
    const settings = house.config.channels[name]
    if (settings !== null) loops.push(startOutbox(house, channelOf(settings, name, v, longestMs), { jitter: () => 0.5 }))
  }
  const flush = async (): Promise<void> => { for (const loop of loops) await loop.flush() }
  return Object.assign(v, {
    gateways, flush,
    async pass (ms: number) {
      v.world.house.wait(ms)
      await fallBackLate(v.world.house)
      await flush()
    },
    messages: (channel: 'sms' | 'whatsapp' | 'voice') => gateways[channel].requests.map((one) => JSON.parse(one.body)),
    async receipt (id: string, state: string, { headers, body = JSON.stringify({ type: 'receipt', id, state }) }: { headers?: Record<string, string>, body?: string } = {}) {
      const now = v.world.house.clock()
      const answer = await v.world.house.app.inject({ method: 'POST', url: GATEWAY_RECEIPTS, headers: { 'content-type': 'application/json', ...headers ?? signedHeaders({ id: `r-${id}-${state}`, at: now, body }, [GATEWAY_SECRET]) }, payload: body })
      return answer.statusCode
    },
    async end () {
      for (const loop of loops) await loop.stop()
      await v.world.close()
      for (const one of Object.values(gateways)) await one.close()
    }
  })
}

function channelOf (settings: ChannelSettings, name: 'sms' | 'whatsapp' | 'voice', { world: { house } }: Verifier, longestMs: number): Parameters<typeof startOutbox>[1] {
  if (settings.is === 'gateway') return gatewayChannel(settings, name, { clock: house.clock, callback: () => house.link(GATEWAY_RECEIPTS), longestMs })
  if (settings.is === 'twilioVerify') return twilioVerifyChannel(settings, name, { longestMs })
  return twilioChannel(settings, { clock: house.clock, callback: (id) => house.link(twilioReceipts(id)), longestMs })
}

/** SMS by a server that stands for Twilio. `report`: what Twilio says of a message, signed unless told. */
export async function openTwilio (query = 'from=%2B15005550006'): Promise<Phones & { twilio: Provider, report: (request: Request | undefined, status: string, more?: { signature?: string, url?: string, form?: Record<string, string> }) => Promise<number> }> {
  const twilio = await provider(() => twilioTook(twilio.requests.length))
  const v = await openPhones({ ONCEKEY_SMS_URL: `twilio+http://${TWILIO.account}:${TWILIO.token}@127.0.0.1:${twilio.port}?${query}` })
  const end = v.end
  return Object.assign(v, {
    twilio,
    async report (request: Request | undefined, status: string, { signature, url: said, form: fields = {} }: { signature?: string, url?: string, form?: Record<string, string> } = {}) {
      const url = said ?? new URLSearchParams(request?.body).get('StatusCallback') ?? ''
      const form = new URLSearchParams({ MessageSid: `SM${'1'.repeat(32)}`, MessageStatus: status, AccountSid: TWILIO.account, ...fields })
      const { pathname, search } = new URL(url)
      const answer = await v.world.house.app.inject({
        method: 'POST', url: pathname + search, payload: form.toString(),
        // A proxy in front of us is known by another name inside.
        headers: { host: 'inside.local:8080', 'content-type': 'application/x-www-form-urlencoded', ...signature === '' ? {} : { 'x-twilio-signature': signature ?? twilioSignature(TWILIO.token, url, form) } }
      })
      return answer.statusCode
    },
    async end () {
      await end()
      await twilio.close()
    }
  })
}
