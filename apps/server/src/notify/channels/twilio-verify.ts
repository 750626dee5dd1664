import type { PhoneChannel, TwilioVerify } from '../settings.ts'
import { ChannelError, type Channel } from '../channel.ts'
import { httpCaller, LONGEST_MS, refusal } from './http.ts'
import { formHeaders, sidIn } from './twilio.ts'

const ways: Readonly<Record<PhoneChannel, string>> = { sms: 'sms', whatsapp: 'whatsapp', voice: 'call' }

/**
 * Our codes in Twilio Verify's words, by its senders (POST /v2/Services/{service}/Verifications with `CustomCode`): the service
 * has to allow them. What is right is decided here and nowhere else; Twilio is told the outcome, as it asks of those who
 * bring codes of their own. It gives no receipts.
 */
export function twilioVerifyChannel ({ base, user, password, service }: TwilioVerify, name: PhoneChannel, { longestMs = LONGEST_MS }: { longestMs?: number } = {}): Channel {
  const http = httpCaller({ longestMs })
  const at = `${base}/v2/Services/${service}/Verifications`
  const headers = formHeaders(user, password)
  return {
    name, longestMs, hasReceipts: false, isIdempotent: false,
    async send ({ to, code }) {
      if (code === undefined || code.digits.length < 4 || code.digits.length > 10) throw new ChannelError('ENOCODE', { isFinal: true, isUntaken: true })
      const answer = await http.post(at, headers, new URLSearchParams({ To: to.address, Channel: ways[name], CustomCode: code.digits, Locale: code.language }).toString())
      return { providerId: sidIn(answer, /^VE[\da-f]{32}$/i) }
    },
    async report (providerId, outcome) {
      const answer = await http.post(`${at}/${providerId}`, headers, new URLSearchParams({ Status: outcome }).toString())
      // Over at Twilio, by its own ten minutes or by an earlier word of ours.
      if (answer.status !== 404 && (answer.status < 200 || answer.status > 299)) throw refusal(answer, 'TWILIO')
    },
    close: http.close
  }
}
