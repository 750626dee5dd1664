import { keeper } from './keeper.ts'

/** Values for the `{names}` in a text; `count` also chooses the plural. */
export type Params = Readonly<Record<string, string | number>>

const plurals = keeper<Intl.PluralRules>()
const numbers = keeper<Intl.NumberFormat>()

/**
 * The text of a key, its `{names}` filled in. A key that has plurals is stored as `key_one`, `key_other` …
 * (the categories of Intl.PluralRules) and chosen by `params.count`. An unknown key is returned as it is, so
 * that a mistake shows instead of hiding.
 */
export function format (catalogue: Readonly<Record<string, string>>, language: string, key: string, params: Params = {}): string {
  const count = params['count']
  const plural = typeof count === 'number' ? catalogue[`${key}_${plurals(language, () => new Intl.PluralRules(language)).select(count)}`] ?? catalogue[`${key}_other`] : undefined
  const text = plural ?? catalogue[key] ?? key
  return text.replace(/\{(\w+)\}/g, (whole, name: string) => {
    const value = params[name]
    if (value === undefined) return whole
    const shown = typeof value === 'number' ? numberText(value, language) : value
    // Isolated (UAX #9 2.4), or the parts of a phone number would stand in the wrong order.
    return language === 'ar' ? `\u2068${shown}\u2069` : shown
  })
}

/** A number as a language writes it. */
export function numberText (count: number, language: string): string {
  return numbers(language, () => new Intl.NumberFormat(language)).format(count)
}

/** The first of the wished languages that we have, else English. `wished` are BCP 47 tags, best first. */
export function chooseLanguage<L extends string> (wished: readonly string[], have: readonly L[], otherwise: L): L {
  for (const tag of wished) {
    const found = have.find(language => tag === language || tag.startsWith(`${language}-`))
    if (found) return found
  }
  return otherwise
}
