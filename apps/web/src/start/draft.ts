/** What was typed into the first form, so that a reload loses nothing. The password is never kept. */
import { recall, remember } from '../ui/memory.ts'
import { guessedZone } from './zones.ts'

export type Draft = { name: string, email: string, siteName: string, timeZone: string, demonstration: boolean }

export function readDraft (): Draft {
  const fresh: Draft = { name: '', email: '', siteName: '', timeZone: guessedZone(), demonstration: true }
  try {
    const kept: unknown = JSON.parse(recall('start', 'session') ?? '{}')
    return typeof kept === 'object' && kept !== null ? { ...fresh, ...kept } : fresh
  } catch {
    return fresh
  }
}

export function writeDraft (draft: Draft): void {
  remember('start', JSON.stringify(draft), 'session')
}

export function forgetDraft (): void {
  remember('start', null, 'session')
}
