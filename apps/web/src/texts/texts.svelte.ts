/**
 * The words of the app. A catalogue is a flat JSON file; a language has one for each part of the app, so that
 * a holder's phone does not load the operator's words. All languages have the same keys (a test holds that).
 */
import type access from './en/access.json'
import type basics from './en/basics.json'
import type common from './en/common.json'
import type door from './en/door.json'
import type entrance from './en/entrance.json'
import type inbox from './en/inbox.json'
import type me from './en/me.json'
import type operator from './en/operator.json'
import type record from './en/record.json'
import type start from './en/start.json'
import { chooseLanguage, format, type Params } from './format.ts'
import { recall, remember } from '../ui/memory.ts'

export const languages = { en: 'English', de: 'Deutsch' } as const
export type LanguageTag = keyof typeof languages
type Catalogues = { basics: typeof basics, common: typeof common, entrance: typeof entrance, start: typeof start, access: typeof access, inbox: typeof inbox, me: typeof me, operator: typeof operator, record: typeof record, door: typeof door }
export type Part = keyof Catalogues

type WithoutPlural<Key> = Key extends `${infer Stem}_${'zero' | 'one' | 'two' | 'few' | 'many' | 'other'}` ? Stem : Key
/** Every key that `t` knows; plurals by their stem. */
export type TextKey = WithoutPlural<{ [Name in Part]: keyof Catalogues[Name] }[Part]>

type Source = (language: LanguageTag, part: Part) => Promise<Record<string, string>> | undefined

const tags = Object.keys(languages).filter((tag): tag is LanguageTag => tag in languages)
const wanted = new Set<Part>()
let source: Source = () => undefined

function atFirst (): LanguageTag {
  const chosen = recall('language')
  return chooseLanguage([...(chosen ? [chosen] : []), ...navigator.languages], tags, 'en')
}

/** Where catalogues come from: each document brings only those that it may need. Called once, before anything is shown. */
export function useCatalogues (from: Source): void {
  source = from
}

let words = $state.raw<Readonly<Record<string, string>>>({})
let tag = $state<LanguageTag>(atFirst())

async function fetchParts (language: LanguageTag, parts: Iterable<Part>): Promise<Record<string, string>> {
  const loaded = await Promise.all([...parts].map(part => source(language, part)))
  return Object.assign({}, ...loaded)
}

/** Loads what a page needs; resolves when its words can be shown. Cheap when they are there already. */
export async function loadTexts (parts: readonly Part[] = []): Promise<void> {
  const before = wanted.size
  for (const part of parts) wanted.add(part)
  if (wanted.size === before && Object.keys(words).length > 0) return
  words = await fetchParts(tag, wanted)
  announce()
}

/** Switches every text on the page and remembers the choice in this browser. */
export async function chooseAnother (language: LanguageTag): Promise<void> {
  const next = await fetchParts(language, wanted)
  words = next
  tag = language
  remember('language', language)
  announce()
}

function announce (): void {
  document.documentElement.lang = tag
  document.documentElement.dir = 'ltr'
}

/** The chosen language, a BCP 47 tag; reading it in a component follows changes. */
export function language (): LanguageTag {
  return tag
}

/** Whether a key is among the words that are loaded; parts of pages that nobody has visited are not. */
export function knows (key: string): key is TextKey {
  return key in words
}

/** The text of a key in the chosen language. */
export function t (key: TextKey, params?: Params): string {
  return format(words, tag, key, params)
}
