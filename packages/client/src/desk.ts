import type { CodeLog, ImportPreview, ImportsAnswer, ImportState, PasswordReset, Person, PlacesImported, PlacesPreview, SessionsEnded } from '@oncekey/protocol/schemas'
import type { ClientOptions } from './client.ts'
import { createCall } from './http.ts'

/** Eight megabytes on a slow line. */
const longestUploadMs = 120_000

/** What operators and administrators do with people one by one and by the list: apart from the client, so that nobody else's pages carry it. */
export function desk (options: Pick<ClientOptions, 'base' | 'fetch' | 'timeoutMs' | 'prove' | 'language'> = {}) {
  const base = (options.base ?? './').replace(/\/?$/, '/')
  const send: typeof fetch = options.fetch ?? ((input, init) => fetch(input, init))
  const call = createCall(base, send, options.timeoutMs ?? 30_000, options.prove, options.language)
  const people = 'api/v1/people/'
  const of = (id: string, rest = ''): string => people + encodeURIComponent(id) + rest
  /** A list travels as it is: text/csv with the columns name, email, and if wanted username and role. */
  const sendList = (list: Blob | string) => createCall(base, (input, init) => send(input, { ...init, headers: { accept: 'application/json', 'content-type': 'text/csv' }, body: list }), longestUploadMs, options.prove)
  return {
    person: (id: string) => call<Person>('GET', of(id)),
    signOut: (id: string) => call<SessionsEnded>('POST', of(id, '/sign-out')),
    /** Takes their password away; the link to choose another is mailed, and in the answer, once. */
    resetPassword: (id: string) => call<PasswordReset>('POST', of(id, '/reset-password')),
    /** Newest first; `after` is the `next` of the page before. */
    codeLog: (id: string, query: { after?: string, limit?: number } = {}) => call<CodeLog>('GET', of(id, '/code-log'), { query }),
    /** Lists of doors and compartments, with the columns name and bank, and if wanted size and height. */
    places: {
      preview: (list: Blob | string) => sendList(list)<PlacesPreview>('POST', 'api/v1/places/imports/preview'),
      /** All of it, or nothing. */
      take: (list: Blob | string) => sendList(list)<PlacesImported>('POST', 'api/v1/places/imports')
    },
    imports: {
      /** What an import of this list would do; writes nothing. */
      preview: (list: Blob | string) => sendList(list)<ImportPreview>('POST', people + 'imports/preview'),
      /** Begins it; `get` tells how far it is. `invite`: mails everybody who is added a link to choose a password. */
      start: (list: Blob | string, { invite = false }: { invite?: boolean } = {}) => sendList(list)<ImportState>('POST', people + 'imports', { query: { invite: String(invite) } }),
      get: (id: string) => call<ImportState>('GET', of('imports') + '/' + encodeURIComponent(id)),
      /** Of the last week, the newest first. */
      list: () => call<ImportsAnswer>('GET', people + 'imports'),
      /** Where a browser gets what became of each row, as a file. */
      reportUrl: (id: string): string => `${base}${people}imports/${encodeURIComponent(id)}/report`
    }
  }
}
export type Desk = ReturnType<typeof desk>
