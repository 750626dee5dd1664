/**
 * The words of the app. A catalogue is a flat JSON file; a language has one for each part of the app, so that
 * a holder's phone does not load the operator's words. All languages have the same keys (a test holds that).
 */
import type access from './en/access.json'
import type alarms from './en/alarms.json'
import type backups from './en/backups.json'
import type retention from './en/retention.json'
import type basics from './en/basics.json'
import type common from './en/common.json'
import type developers from './en/developers.json'
import type door from './en/door.json'
import type entrance from './en/entrance.json'
import type inbox from './en/inbox.json'
import type insights from './en/insights.json'
import type me from './en/me.json'
import type operator from './en/operator.json'
import type places from './en/places.json'
import type questions from './en/questions.json'
import type push from './en/push.json'
import type rail from './en/rail.json'
import type record from './en/record.json'
import type settings from './en/settings.json'
import type start from './en/start.json'
import type verifications from './en/verifications.json'
import type watch from './en/watch.json'
import { chooseLanguage, format, type Params } from './format.ts'
import { recall, remember } from '../ui/memory.ts'

export const tags = ['en', 'de', 'es', 'fr', 'hi', 'ar'] as const
export type LanguageTag = (typeof tags)[number]
type Catalogues = { basics: typeof basics, common: typeof common, entrance: typeof entrance, start: typeof start, access: typeof access, inbox: typeof inbox, insights: typeof insights, me: typeof me, operator: typeof operator, places: typeof places, questions: typeof questions, rail: typeof rail, record: typeof record, settings: typeof settings, verifications: typeof verifications, developers: typeof developers, backups: typeof backups, retention: typeof retention, push: typeof push, alarms: typeof alarms, watch: typeof watch, door: typeof door }
export type Part = keyof Catalogues

type WithoutPlural<Key> = Key extends `${infer Stem}_${'zero' | 'one' | 'two' | 'few' | 'many' | 'other'}` ? Stem : Key
/** Every key that `t` knows; plurals by their stem. */
export type TextKey = WithoutPlural<{ [Name in Part]: keyof Catalogues[Name] }[Part]>

/** Where catalogues lie, see scripts/catalogues.ts. */
declare const TEXTS: string

const wanted = new Set<Part>()

function atFirst (): LanguageTag {
  const chosen = recall('language')
  return chooseLanguage([...(chosen ? [chosen] : []), ...navigator.languages], tags, 'en')
}

let words = $state.raw<Readonly<Record<string, string>>>({})
let tag = $state<LanguageTag>(atFirst())

async function fetchParts (language: LanguageTag, parts: Iterable<Part>): Promise<Record<string, string>> {
  const fetched = Promise.all([...parts].map(part => fetchPart(language, part)))
  // A browser makes its lists of languages at the first use of each, which takes 25 ms on a slow phone: now, while the words travel.
  void [Intl.DateTimeFormat(language), Intl.NumberFormat(language)]
  return Object.assign({}, ...await fetched)
}

async function fetchPart (language: LanguageTag, part: Part): Promise<Record<string, string>> {
  const answer = await fetch(new URL(`${TEXTS}/${language}/${part}.json`, document.baseURI))
  if (answer.ok) return answer.json()
  // After an upgrade, like a chunk that is gone: see main.ts.
  dispatchEvent(new Event('vite:preloadError'))
  throw new Error(`The words of ${part} are not there.`)
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
  document.documentElement.dir = tag === 'ar' ? 'rtl' : 'ltr'
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
