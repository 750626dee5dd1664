import type { Language } from '@oncekey/protocol/schemas'

/** A text for people, in every language that there is. */
export type InLanguages = Readonly<Record<Language, string>>

/**
 * The language of ours that somebody likes best, of a header `Accept-Language` (RFC 9110 12.5.4): by weight, then by place.
 * English when there is none of ours in it.
 */
export function languageFrom (header: string | undefined): Language {
  const wished = (header ?? '').slice(0, 200).split(',').map((part) => {
    const [range = '', weight] = part.split(';')
    return { language: range.trim().toLowerCase().split('-')[0], weight: weight === undefined ? 1 : Number(/^\s*q\s*=\s*(\d(?:\.\d{1,3})?)\s*$/i.exec(weight)?.[1] ?? 0) }
  })
  const best = wished.filter(({ language, weight }) => weight > 0 && (language === 'en' || language === 'de')).sort((a, b) => b.weight - a.weight)[0]
  return best?.language === 'de' ? 'de' : 'en'
}

/** What the column of a language says. */
export function languageIn (value: unknown): Language | null {
  return value === 'en' || value === 'de' ? value : null
}
