import { problems, type ProblemBody, type ProblemCode } from '@oncekey/protocol/problems'

/** What can not be served. Thrown anywhere, turned into `application/problem+json` in one place (http.ts). */
export class Problem extends Error {
  readonly code: ProblemCode
  readonly more: { detail?: string, errors?: { field: string, needs: string }[], retryAfterSeconds?: number }

  constructor (code: ProblemCode, more: Problem['more'] & { cause?: unknown } = {}) {
    const { cause, ...rest } = more
    super(more.detail ?? problems[code].title, cause === undefined ? undefined : { cause })
    this.name = 'Problem'
    this.code = code
    this.more = rest
  }

  get status (): number {
    return problems[this.code].status
  }

  /** The body that travels. `instance` names this one occurrence in our log. */
  body (instance?: string): ProblemBody {
    const { status, title, cure } = problems[this.code]
    return { type: 'urn:oncekey:problem:' + this.code, code: this.code, title, status, cure, ...this.more, ...(instance === undefined ? {} : { instance }) }
  }
}
