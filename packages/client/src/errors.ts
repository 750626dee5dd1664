import type { ProblemBody, ProblemCode } from '@oncekey/protocol/problems'

/** The server said no, and why: RFC 9457, one of the codes in `@oncekey/protocol/problems`. */
export class ProblemError extends Error {
  override readonly name = 'ProblemError'
  readonly code: ProblemCode
  /** What happened, in English; pages translate by `code`. */
  readonly title: string
  /** What to do about it. */
  readonly cure: string
  readonly status: number
  /** Which fields of the form need what; empty unless `code` is `badRequest`. */
  readonly errors: readonly { field: string, needs: string }[]
  /** Seconds to wait before the next try; null when waiting does not help. */
  readonly retryAfterSeconds: number | null
  /** The number to quote to the operator, when something broke. */
  readonly instance: string | null

  constructor (problem: Omit<ProblemBody, 'type'>) {
    super(problem.detail ?? problem.title)
    this.code = problem.code
    this.title = problem.title
    this.cure = problem.cure
    this.status = problem.status
    this.errors = problem.errors ?? []
    this.retryAfterSeconds = problem.retryAfterSeconds ?? null
    this.instance = problem.instance ?? null
  }
}

/**
 * No answer of ours arrived: no network, a time-out, a proxy without its server, a portal's sign-in page. Whether the request took
 * effect is unknown, so repeat a POST only with the same Idempotency-Key, or after looking.
 */
export class OfflineError extends Error {
  override readonly name = 'OfflineError'
}
