import { OfflineError } from '@oncekey/client'
import type { LanguageTag, Part } from '../texts/texts.svelte.ts'

/** Where catalogues lie, see scripts/catalogues.ts. */
declare const TEXTS: string

/** The words of a part in a language, whichever the page is in. @throws OfflineError when they can not be fetched */
export async function wordsOf (language: LanguageTag, part: Part): Promise<Record<string, string>> {
  const answer = await fetch(new URL(`${TEXTS}/${language}/${part}.json`, document.baseURI)).catch((cause: unknown) => { throw new OfflineError('', { cause }) })
  if (!answer.ok) throw new OfflineError('')
  return answer.json()
}
