import type { Gateway, PhoneChannel } from '../settings.ts'
import type { Channel } from '../channel.ts'
import { signedHeaders } from '../../platform/standard-webhooks.ts'
import { httpCaller, LONGEST_MS, refusal, textIn } from './http.ts'

/**
 * Messages by any gateway that takes a signed request: JSON, signed as Standard Webhooks has it. The message's id is its
 * idempotency key and the same at every try: docs/channels.md has the contract.
 * @param callback where the gateway reports on a message
 */
export function gatewayChannel ({ url, secret }: Gateway, name: PhoneChannel, { clock, callback, longestMs = LONGEST_MS }: { clock: () => number, callback: () => string, longestMs?: number }): Channel {
  const http = httpCaller({ longestMs })
  return {
    name, longestMs, hasReceipts: true, isIdempotent: true,
    async send ({ id, to, text, code }) {
      const body = JSON.stringify({ type: 'message', id, channel: name, to: to.address, text, ...code === undefined ? {} : { code: code.digits, language: code.language, expiresAt: code.expiresAt }, receipts: callback() })
      const answer = await http.post(url, { 'content-type': 'application/json', 'idempotency-key': id, ...signedHeaders({ id, at: clock(), body }, [secret]) }, body)
      if (answer.status < 200 || answer.status > 299) throw refusal(answer, 'GATEWAY')
      return { providerId: textIn(answer.text, 'id')?.slice(0, 100) ?? null }
    },
    close: http.close
  }
}
