import type { MessageLanguage } from '@oncekey/protocol/schemas'

/**
 * A message on its way out. `id` stays the same at every try: the channel's idempotency key. `code` and its expiry (ms since
 * 1970) for those that say it in words of their own. Messages of one `thread` belong together.
 */
export type Outgoing = { id: string, to: { name: string, address: string }, subject: string, text: string, thread?: string | undefined, code?: { digits: string, expiresAt: number | null, language: MessageLanguage } | undefined }

/** `providerId`: what the other side calls the message; null where it has no name for it. */
export type Taken = { providerId: string | null }

/**
 * A way out. `send` resolves when the other side took the message and rejects when it did not, within `longestMs` in any
 * case. It logs nothing and its errors carry no part of the message: see `channelFault`.
 */
export type Channel = {
  /** As in the rows of the outbox, e.g. 'email': a channel takes the messages that bear its name. */
  name: string
  /** How long `send` takes at most, in ms. */
  longestMs: number
  /** Whether a second try with the same `id` is known as such. Where it is not, a message is given up after two tries that the other side may have taken. */
  isIdempotent: boolean
  /** Whether receipts follow: until one says `delivered`, the next channel in order stands by. */
  hasReceipts: boolean
  send: (message: Outgoing) => Promise<Taken>
  /** Tells the other side what became of a code of ours, where it wants to know; harmless to repeat. */
  report?: (providerId: string, outcome: 'approved' | 'canceled') => Promise<void>
  close: () => void
}

/** What a channel throws. `isFinal`: no other try would do better; `isUntaken`: the message has certainly not been taken. */
export class ChannelError extends Error {
  readonly code: string
  readonly responseCode: number | undefined
  readonly isFinal: boolean
  readonly isUntaken: boolean
  constructor (code: string, { status, isFinal = false, isUntaken = false, cause }: { status?: number, isFinal?: boolean, isUntaken?: boolean, cause?: unknown } = {}) {
    super(code, cause === undefined ? undefined : { cause })
    this.name = 'ChannelError'
    this.code = code
    this.responseCode = status
    this.isFinal = isFinal
    this.isUntaken = isUntaken
  }
}

/** What went wrong, in a word or two that hold nothing of the message: an error code and the other side's number. */
export function channelFault (error: unknown): string {
  if (typeof error !== 'object' || error === null) return 'unknown'
  const code = 'code' in error && typeof error.code === 'string' && /^[A-Z0-9_]{2,40}$/.test(error.code) ? error.code : 'unknown'
  const answer = 'responseCode' in error && typeof error.responseCode === 'number' ? ` ${error.responseCode}` : ''
  return code + answer
}
