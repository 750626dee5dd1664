import type { AuditExports, AuditRowsQuery, ChainProgress } from '@oncekey/protocol/schemas'
import type { Call } from './http.ts'

/** The record as a file, for operators: apart from the client, so that only that page carries it. */
export function recordVerbs (call: Call, base: string) {
  const at = (path: string, query: Readonly<Record<string, string | number | undefined>>): string => {
    const known = Object.entries(query).flatMap(([name, value]) => value === undefined ? [] : [[name, String(value)]])
    return `${base}api/v1/audit/${path}?${new URLSearchParams(known).toString()}`
  }
  return {
    /** How far the verification is that is under way. */
    chainProgress: () => call<ChainProgress>('GET', 'api/v1/audit/chain/progress'),
    /** How far one's own files are, by the tickets that their addresses had. */
    exports: () => call<AuditExports>('GET', 'api/v1/audit/exports'),
    /** Cuts a file off. */
    cancel: (ticket: string) => call('DELETE', 'api/v1/audit/exports/' + encodeURIComponent(ticket)),
    /** Where a browser that has just proven who it is for gets the whole record, with its proof. */
    wholeAddress: (ticket: string) => at('export', { ticket }),
    /** The same for rows that a search finds. */
    rowsAddress: (query: AuditRowsQuery) => at('export/rows', query)
  }
}
