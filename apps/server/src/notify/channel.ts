/** A message on its way out. `id` stays the same at every try: the channel's idempotency key. */
export type Outgoing = { id: string, to: { name: string, address: string }, subject: string, text: string }

/**
 * A way out. `send` resolves when the other side took the message and rejects when it did not, within 30 s in any
 * case. It logs nothing and its errors carry no part of the message: see `channelFault`.
 */
export type Channel = {
  /** As in the rows of the outbox, e.g. 'email': a channel takes the messages that bear its name. */
  name: string
  send: (message: Outgoing) => Promise<void>
  close: () => void
}

/** What went wrong, in a word or two that hold nothing of the message: an error code and the other side's number. */
export function channelFault (error: unknown): string {
  if (typeof error !== 'object' || error === null) return 'unknown'
  const code = 'code' in error && typeof error.code === 'string' && /^[A-Z0-9_]{2,40}$/.test(error.code) ? error.code : 'unknown'
  const answer = 'responseCode' in error && typeof error.responseCode === 'number' ? ` ${error.responseCode}` : ''
  return code + answer
}
