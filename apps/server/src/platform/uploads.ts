import type { App } from './http.ts'
import { Problem } from './problems.ts'

/** In the routes of this scope alone a body may be a list, of so many bytes. */
export function takeLists (scope: App, mostBytes: number): void {
  scope.addContentTypeParser(['text/csv', 'text/plain'], { parseAs: 'buffer', bodyLimit: mostBytes }, (_request, body, done) => { done(null, textOf(body)) })
}

/** Bytes that are not UTF-8 are no text: guessing another alphabet would garble names for good. */
type Upload = { text: string | null }

function textOf (body: Buffer | string): Upload {
  try {
    return { text: new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(Buffer.from(body)) }
  } catch {
    return { text: null }
  }
}

/** The text of a list that came; null when it was not UTF-8. @throws Problem badRequest for a body of another kind */
export function fileOf (body: unknown): string | null {
  if (body === undefined || body === null) return ''
  if (typeof body === 'object' && 'text' in body && (typeof body.text === 'string' || body.text === null)) return body.text
  throw new Problem('badRequest', { errors: [{ field: 'file', needs: 'a list as text/csv' }] })
}
