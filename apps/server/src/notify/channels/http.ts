import { ChannelError } from '../channel.ts'

/** So that a second channel still has the code in time when the first one hangs. */
export const LONGEST_MS = 10_000
const MOST_ANSWER_BYTES = 65_536
/** Nobody was there to take it. */
const untaken = new Set(['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'EHOSTUNREACH', 'ENETUNREACH', 'UND_ERR_CONNECT_TIMEOUT', 'CERT_HAS_EXPIRED', 'DEPTH_ZERO_SELF_SIGNED_CERT', 'ERR_TLS_CERT_ALTNAME_INVALID'])

export type Answer = { status: number, text: string }

/** Requests of one channel: each ends within ten seconds, and all at once when the channel closes. */
export function httpCaller ({ longestMs = LONGEST_MS }: { longestMs?: number } = {}): { post: (url: string, headers: Record<string, string>, body: string) => Promise<Answer>, close: () => void } {
  const closing = new AbortController()
  return {
    /** @throws ChannelError when no whole answer came */
    async post (url, headers, body) {
      if (closing.signal.aborted) throw new ChannelError('ECLOSED', { isUntaken: true })
      try {
        // Not redirected: a code is sent to the address that the operator named and to no other.
        const answer = await fetch(url, { method: 'POST', headers, body, redirect: 'manual', signal: AbortSignal.any([AbortSignal.timeout(longestMs), closing.signal]) })
        return { status: answer.status, text: await beginning(answer) }
      } catch (error) {
        throw faultOf(error, closing.signal.aborted)
      }
    },
    close () { closing.abort() }
  }
}

/** Of an answer that is as long as somebody likes. */
async function beginning (answer: Response): Promise<string> {
  const parts: Uint8Array[] = []
  let bytes = 0
  if (answer.body !== null) {
    for await (const part of answer.body) {
      parts.push(part)
      bytes += part.length
      if (bytes > MOST_ANSWER_BYTES) break
    }
  }
  return Buffer.concat(parts).toString('utf8', 0, MOST_ANSWER_BYTES)
}

function faultOf (error: unknown, isClosed: boolean): ChannelError {
  if (isClosed) return new ChannelError('ECLOSED')
  const { name, cause } = error instanceof Error ? error : { name: '', cause: undefined }
  if (name === 'TimeoutError') return new ChannelError('ETIMEDOUT')
  const code = cause instanceof Error && 'code' in cause && typeof cause.code === 'string' ? cause.code : 'ESOCKET'
  return new ChannelError(code, { isUntaken: untaken.has(code), cause: error })
}

/** An answer that is no yes. @param word ours or the provider's number, e.g. TWILIO_21211 */
export function refusal ({ status }: Answer, word: string): ChannelError {
  // 4xx: the same request would be refused again; but for those that ask to come back later. Who says 5xx may have done it before.
  return new ChannelError(word, { status, isUntaken: status < 500 || status === 503, isFinal: status >= 400 && status < 500 && ![408, 425, 429].includes(status) })
}

/** A field of a JSON answer that is a text; null when there is none. */
export function textIn (answer: string, field: string): string | null {
  try {
    const object: unknown = JSON.parse(answer)
    if (typeof object !== 'object' || object === null) return null
    const value: unknown = Object.entries(object).find(([name]) => name === field)?.[1]
    return typeof value === 'string' || typeof value === 'number' ? String(value) : null
  } catch {
    return null
  }
}
