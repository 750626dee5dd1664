import type { TwilioMessages } from '../settings.ts'
import type { Answer } from './http.ts'
import { httpCaller, LONGEST_MS, refusal, textIn } from './http.ts'
import { ChannelError, type Channel } from '../channel.ts'

/**
 * SMS by Twilio's Messages (POST /2010-04-01/Accounts/{account}/Messages.json).
 * @param callback where Twilio reports on a message, null = nowhere: it refuses a message whose callback it can not reach
 */
export function twilioChannel ({ base, account, user, password, from, service }: TwilioMessages, { clock, callback, longestMs = LONGEST_MS }: { clock: () => number, callback: ((id: string) => string) | null, longestMs?: number }): Channel {
  const http = httpCaller({ longestMs })
  return {
    name: 'sms', longestMs, hasReceipts: callback !== null,
    // Twilio knows no key of ours: what came twice is sent twice.
    isIdempotent: false,
    async send ({ id, to, text, code }) {
      const leftSeconds = code === undefined || code.expiresAt === null ? null : Math.max(1, Math.floor((code.expiresAt - clock()) / 1000))
      const answer = await http.post(`${base}/2010-04-01/Accounts/${account}/Messages.json`, formHeaders(user, password), new URLSearchParams({
        To: to.address, Body: text, ...from === null ? {} : { From: from }, ...service === null ? {} : { MessagingServiceSid: service },
        ...callback === null ? {} : { StatusCallback: callback(id) },
        // What has waited so long in Twilio's queue that its code is over is not sent.
        ...leftSeconds === null ? {} : { ValidityPeriod: String(Math.min(36_000, leftSeconds)) }
      }).toString())
      return { providerId: sidIn(answer, /^(SM|MM)[\da-f]{32}$/i) }
    },
    close: http.close
  }
}

export function formHeaders (user: string, password: string): Record<string, string> {
  return { authorization: `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`, 'content-type': 'application/x-www-form-urlencoded', accept: 'application/json' }
}

/** What Twilio calls what it took. @throws ChannelError with Twilio's own number for the refusal */
export function sidIn (answer: Answer, shape: RegExp): string {
  if (answer.status < 200 || answer.status > 299) {
    const number = textIn(answer.text, 'code')
    throw refusal(answer, number !== null && /^\d{4,6}$/.test(number) ? `TWILIO_${number}` : 'TWILIO')
  }
  const sid = textIn(answer.text, 'sid')
  // Whatever said yes was not Twilio: a captive portal, a proxy's page.
  if (sid === null || !shape.test(sid)) throw new ChannelError('EANSWER', { status: answer.status })
  if (textIn(answer.text, 'status') === 'failed') throw new ChannelError('TWILIO_FAILED', { status: answer.status, isFinal: true, isUntaken: true })
  return sid
}
