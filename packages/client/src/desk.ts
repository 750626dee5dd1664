import type { CodeLog, ImportPreview, ImportsAnswer, ImportState, PasswordReset, Person, SessionsEnded } from '@oncekey/protocol/schemas'
import type { Client } from './client.ts'

/** What operators and administrators do with people one by one and by the list: apart, so that nobody else's pages carry it. */
export function desk ({ call, base }: Pick<Client, 'call' | 'base'>) {
  const people = 'api/v1/people/'
  const of = (id: string, rest = ''): string => people + encodeURIComponent(id) + rest
  /** A list is text/csv with the columns name, email, and if wanted username and role. */
  const asList = (list: Blob | string) => ({ body: new Blob([list]), headers: { 'content-type': 'text/csv' }, timeoutMs: 120_000 })
  return {
    person: (id: string) => call<Person>('GET', of(id)),
    signOut: (id: string) => call<SessionsEnded>('POST', of(id, '/sign-out')),
    /** Takes their password away; the link to choose another is mailed, and in the answer, once. */
    resetPassword: (id: string) => call<PasswordReset>('POST', of(id, '/reset-password')),
    /** Newest first; `after` is the `next` of the page before. */
    codeLog: (id: string, query: { after?: string, limit?: number } = {}) => call<CodeLog>('GET', of(id, '/code-log'), { query }),
    imports: {
      /** What an import of this list would do; writes nothing. */
      preview: (list: Blob | string) => call<ImportPreview>('POST', people + 'imports/preview', asList(list)),
      /** Begins it; `get` tells how far it is. `invite`: mails everybody who is added a link to choose a password. */
      start: (list: Blob | string, { invite = false }: { invite?: boolean } = {}) => call<ImportState>('POST', people + 'imports', { ...asList(list), query: { invite: String(invite) } }),
      get: (id: string) => call<ImportState>('GET', of('imports') + '/' + encodeURIComponent(id)),
      /** Of the last week, the newest first. */
      list: () => call<ImportsAnswer>('GET', people + 'imports'),
      /** Where a browser gets what became of each row, as a file. */
      reportUrl: (id: string): string => `${base}${people}imports/${encodeURIComponent(id)}/report`
    }
  }
}
export type Desk = ReturnType<typeof desk>
