import { problems, type ProblemBody, type ProblemCode } from '@oncekey/protocol/problems'
import type { Language } from '@oncekey/protocol/schemas'
import type { InLanguages } from './language.ts'

/** What a field needs: in every language where forms show it to people, in English where only programs ask. */
export type FieldError = { field: string, needs: string | InLanguages }

/** What can not be served. Thrown anywhere, turned into `application/problem+json` in one place (http.ts). */
export class Problem extends Error {
  readonly code: ProblemCode
  readonly more: { detail?: string, errors?: FieldError[], retryAfterSeconds?: number, reason?: string }

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

  /** The body that travels. `instance` names this one occurrence in our log; `language` is that of the fields' errors, pages have their own words for the rest. */
  body ({ instance, language = 'en' }: { instance?: string | undefined, language?: Language } = {}): ProblemBody {
    const { status, title, cure } = problems[this.code]
    const { errors, ...more } = this.more
    return {
      type: 'urn:oncekey:problem:' + this.code, code: this.code, title, status, cure, ...more, ...(instance === undefined ? {} : { instance }),
      ...(errors === undefined ? {} : { errors: errors.map(({ field, needs }) => ({ field, needs: typeof needs === 'string' ? needs : needs[language] })) })
    }
  }
}
