/** Values for the `{names}` in a text; `count` also chooses the plural. */
export type Params = Readonly<Record<string, string | number>>

/**
 * The text of a key, its `{names}` filled in. A key that has plurals is stored as `key_one`, `key_other` …
 * (the categories of Intl.PluralRules) and chosen by `params.count`. An unknown key is returned as it is, so
 * that a mistake shows instead of hiding.
 */
export function format (catalogue: Readonly<Record<string, string>>, language: string, key: string, params: Params = {}): string {
  const count = params['count']
  const plural = typeof count === 'number' ? catalogue[`${key}_${new Intl.PluralRules(language).select(count)}`] ?? catalogue[`${key}_other`] : undefined
  const text = plural ?? catalogue[key] ?? key
  return text.replace(/\{(\w+)\}/g, (whole, name: string) => {
    const value = params[name]
    if (value === undefined) return whole
    return typeof value === 'number' ? new Intl.NumberFormat(language).format(value) : value
  })
}

/** The first of the wished languages that we have, else English. `wished` are BCP 47 tags, best first. */
export function chooseLanguage<L extends string> (wished: readonly string[], have: readonly L[], otherwise: L): L {
  for (const tag of wished) {
    const found = have.find(language => tag === language || tag.startsWith(`${language}-`))
    if (found) return found
  }
  return otherwise
}
