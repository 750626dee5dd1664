import type { Language } from '@oncekey/protocol/schemas'

const languages: readonly Language[] = ['en', 'de', 'es', 'fr', 'hi', 'ar']

/** Words for people, in every language that they may read. */
export type InLanguages<Words = string> = Readonly<Record<Language, Words>>

/**
 * The language of ours that somebody likes best, of a header `Accept-Language` (RFC 9110 12.5.4): by weight, then by place.
 * English when there is none of ours in it.
 */
export function languageFrom (header: string | undefined): Language {
  const wished = (header ?? '').slice(0, 200).split(',').map((part) => {
    const [range = '', weight] = part.split(';')
    return { language: languageIn(range.trim().toLowerCase().split('-')[0]), weight: weight === undefined ? 1 : Number(/^\s*q\s*=\s*(\d(?:\.\d{1,3})?)\s*$/i.exec(weight)?.[1] ?? 0) }
  })
  return wished.filter(({ language, weight }) => weight > 0 && language !== null).sort((a, b) => b.weight - a.weight)[0]?.language ?? 'en'
}

/** What the column of a language says. */
export function languageIn (value: unknown): Language | null {
  return languages.find((one) => one === value) ?? null
}

/** Which way it is written: the `dir` of HTML. */
export function directionOf (language: Language): 'ltr' | 'rtl' {
  return language === 'ar' ? 'rtl' : 'ltr'
}

/** Digits as on a door's display. */
const locales: InLanguages = { en: 'en-GB', hi: 'hi-IN', de: 'de-DE', es: 'es-ES', fr: 'fr-FR', ar: 'ar-u-nu-latn' }

/** A moment in words. A zone that this platform does not know counts as UTC, as in zone.ts: nobody is to be told of nothing for it. */
export function momentIn (language: Language, timeZone: string, at: number, timeStyle: 'short' | 'medium'): string {
  try {
    return new Date(at).toLocaleString(locales[language], { timeZone, dateStyle: 'medium', timeStyle })
  } catch {
    return new Date(at).toISOString()
  }
}
