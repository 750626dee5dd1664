import type { VerificationChannel } from '@oncekey/protocol/schemas'

/** How messages of a channel leave, as the operator named it. `base`: without a slash at the end. */
export type ChannelSettings = TwilioMessages | TwilioVerify | Gateway
/** `user` and `password` sign in; `token` is the account's and verifies what Twilio sends to us. One of `from`, `service`. */
export type TwilioMessages = { is: 'twilio', base: string, account: string, user: string, password: string, token: string, from: string | null, service: string | null }
export type TwilioVerify = { is: 'twilioVerify', base: string, user: string, password: string, service: string }
/** `secret`: the bytes that both sides sign with. */
export type Gateway = { is: 'gateway', url: string, secret: string }

export type PhoneChannel = Exclude<VerificationChannel, 'email'>

const SECRET = 'ONCEKEY_GATEWAY_SECRET'
/** What sets a channel to phones up. */
export const phoneSettings: Readonly<Record<PhoneChannel, string>> = { sms: 'ONCEKEY_SMS_URL', whatsapp: 'ONCEKEY_WHATSAPP_URL', voice: 'ONCEKEY_VOICE_URL' }
export const channelSettings: readonly string[] = [...Object.values(phoneSettings), SECRET]

type Reader = { value: (name: string) => string | undefined, needs: (name: string, cure: string) => void, isLoopback: (host: string) => boolean }

/** Reads how SMS, WhatsApp and calls leave; null for those that do not. @param needs takes a setting that can not be used, and its cure */
export function readChannels ({ value, needs, isLoopback }: Reader): Record<PhoneChannel, ChannelSettings | null> {
  const secret = secretIn(value(SECRET))
  if (value(SECRET) !== undefined && secret === null) needs(SECRET, 'whsec_ and 24 to 64 random bytes in base64, e.g. by: echo "whsec_$(openssl rand -base64 32)"')
  const read = (channel: PhoneChannel): ChannelSettings | null => {
    const name = phoneSettings[channel]
    const text = value(name)
    if (text === undefined) return null
    const url = URL.parse(text)
    const refused = (cure: string): null => {
      needs(name, cure)
      return null
    }
    const isHere = url !== null && isLoopback(url.hostname.replace(/^\[|\]$/g, ''))
    switch (url?.protocol) {
      case 'https:': case 'http:':
        if (url.protocol === 'http:' && !isHere) return refused('https://…: a code would travel in clear to another machine')
        if (url.username !== '' || url.hash !== '') return refused('only the address of the gateway, without a password and "#"; who sends is shown by a signature')
        if (value(SECRET) === undefined) needs(SECRET, `is missing: the gateway of ${name} knows us by it, and we it`)
        return secret === null ? null : { is: 'gateway', url: url.href, secret }
      case 'twilio:': case 'twilio+http:':
        if (channel !== 'sms') return refused('twilio-verify://… or the https:// address of a gateway: Twilio\'s Messages carry SMS only here')
        return twilio(url, isHere) ?? refused('twilio://ACCOUNT:TOKEN@api.twilio.com?from=NUMBER, or ?service=MG…; with an API key also &key=SK…&secret=…')
      case 'twilio-verify:': case 'twilio-verify+http:':
        return twilioVerify(url, isHere) ?? refused('twilio-verify://ACCOUNT:TOKEN@verify.twilio.com?service=VA…, with an API key its SK… and secret instead of account and token')
      default: return refused(channel === 'sms' ? 'twilio://…, twilio-verify://…, or the https:// address of a gateway: docs/channels.md' : 'twilio-verify://…, or the https:// address of a gateway: docs/channels.md')
    }
  }
  return { sms: read('sms'), whatsapp: read('whatsapp'), voice: read('voice') }
}

function secretIn (text: string | undefined): string | null {
  const base64 = /^whsec_([A-Za-z\d+/]+={0,2})$/.exec(text ?? '')?.[1]
  const bytes = base64 === undefined ? 0 : Buffer.from(base64, 'base64').length
  return base64 !== undefined && bytes >= 24 && bytes <= 64 ? base64 : null
}

function twilio (url: URL, isHere: boolean): TwilioMessages | null {
  const base = baseOf(url, isHere)
  const account = decodeURIComponent(url.username)
  const token = decodeURIComponent(url.password)
  const key = url.searchParams.get('key')
  const secret = url.searchParams.get('secret')
  // A plus sign in a query is a blank to everybody but the one who typed it.
  const from = url.searchParams.get('from')?.trim().replace(/^(?=\d{7,})/, '+') ?? null
  const service = url.searchParams.get('service')
  if (base === null || !/^AC[\da-f]{32}$/i.test(account) || token === '' || (from === null) === (service === null)) return null
  if (service !== null && !/^MG[\da-f]{32}$/i.test(service)) return null
  if (from !== null && !/^(\+\d{4,15}|[A-Za-z\d ]{1,11})$/.test(from)) return null
  if ((key === null) !== (secret === null) || (key !== null && !/^SK[\da-f]{32}$/i.test(key))) return null
  return { is: 'twilio', base, account, user: key ?? account, password: secret ?? token, token, from, service }
}

function twilioVerify (url: URL, isHere: boolean): TwilioVerify | null {
  const base = baseOf(url, isHere)
  const user = decodeURIComponent(url.username)
  const password = decodeURIComponent(url.password)
  const service = url.searchParams.get('service') ?? ''
  return base === null || !/^(AC|SK)[\da-f]{32}$/i.test(user) || password === '' || !/^VA[\da-f]{32}$/i.test(service) ? null : { is: 'twilioVerify', base, user, password, service }
}

/** Without TLS only on this machine, where a proxy or a mock of the provider may be. */
function baseOf (url: URL, isHere: boolean): string | null {
  const scheme = url.protocol.endsWith('+http:') ? 'http' : 'https'
  if (url.host === '' || (scheme === 'http' && !isHere) || url.hash !== '') return null
  return `${scheme}://${url.host}${url.pathname.replace(/\/+$/, '')}`
}
