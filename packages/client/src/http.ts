import type { ProblemBody } from '@oncekey/protocol/problems'
import { OfflineError, ProblemError } from './errors.ts'

export type Query = Readonly<Record<string, string | number | undefined>>
export type CallOptions = { /** Sent as JSON; a Blob as it is, and `headers` say what it is. */ body?: object, query?: Query, headers?: Record<string, string>, timeoutMs?: number, alsoFine?: number }

/** One request; gives the parsed answer, undefined when it is empty. Throws ProblemError or OfflineError, nothing else. */
export type Call = <Answer = void>(method: 'GET' | 'POST' | 'PATCH' | 'DELETE', path: string, options?: CallOptions) => Promise<Answer>

/**
 * Makes the one function that all verbs use. `base` ends in '/'. `prove`: called when the server wants to know again who one
 * is; true makes the call once more. `language`: of the fields' errors.
 */
export function createCall (base: string, send: typeof fetch, defaultTimeoutMs: number, prove: () => Promise<boolean> = async () => false, language?: () => string): Call {
  return async function once<Answer> (method: string, path: string, options: CallOptions = {}, isAgain = false): Promise<Answer> {
    const { body, query, headers, timeoutMs = defaultTimeoutMs, alsoFine } = options
    let response: Response
    let text: string
    try {
      response = await send(base + path + queryText(query), {
        method,
        headers: { accept: 'application/json', ...(language && { 'accept-language': language() }), ...(body && { 'content-type': 'application/json' }), ...headers },
        signal: AbortSignal.timeout(timeoutMs),
        ...(body && { body: body instanceof Blob ? body : JSON.stringify(body) })
      })
      text = await response.text()
    } catch (cause) {
      throw new OfflineError('The server can not be reached.', { cause })
    }
    if (!response.ok && response.status !== alsoFine) {
      const error = toError(response, text)
      if (error instanceof ProblemError && error.code === 'proofNeeded' && !isAgain && await prove()) return once(method, path, options, true)
      throw error
    }
    try {
      const answer: Answer = text === '' ? undefined : JSON.parse(text)
      return answer
    } catch (cause) {
      throw new OfflineError('Something between here and the server answered in its place.', { cause })
    }
  }
}

/** The error that an answer outside 200..299 stands for. */
export function toError (response: Response, text: string): ProblemError | OfflineError {
  try {
    const problem: ProblemBody = JSON.parse(text)
    if (typeof problem.code === 'string' && typeof problem.title === 'string') {
      const seconds = Number(response.headers.get('retry-after'))
      return new ProblemError({ ...(seconds > 0 && { retryAfterSeconds: seconds }), ...problem })
    }
  } catch {
    // Not JSON: a proxy's own page. Falls through.
  }
  return new OfflineError(`Something between here and the server answered in its place (${response.status}).`)
}

function queryText (query: Query = {}): string {
  const parts = new URLSearchParams()
  for (const [name, value] of Object.entries(query)) if (value !== undefined) parts.set(name, String(value))
  const text = parts.toString()
  return text && '?' + text
}
