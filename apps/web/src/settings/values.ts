import type { Setting, SettingValue } from '@oncekey/protocol/schemas'

/** Small letters without marks: who looks for "läuft" may type "lauft". */
function plain (text: string): string {
  return text.normalize('NFD').replaceAll(/\p{M}/gu, '').toLowerCase()
}

/** Whether each word that was typed is somewhere in these texts. */
export function isFound (query: string, texts: readonly string[]): boolean {
  const all = plain(texts.join('\n'))
  return plain(query).split(/\s+/).every(word => all.includes(word))
}

/** A value as it stands in its field. */
export function typedOf (value: SettingValue): string {
  return Array.isArray(value) ? value.join(', ') : value === null ? '' : String(value)
}

/** What was typed, as a value; undefined for what is no number where one belongs. The server knows the range. */
export function valueOf ({ kind, key, canBeNone }: Pick<Setting, 'kind' | 'key' | 'canBeNone'>, typed: string): SettingValue | undefined {
  const text = typed.trim()
  if (text === '' && canBeNone) return null
  switch (kind) {
    case 'switch': return text === 'true'
    case 'number': return /^\d{1,12}$/.test(text) ? Number(text) : undefined
    case 'list': {
      const words = text.split(/[\s,;]+/).filter(word => word !== '')
      return [...new Set(key === 'guard.countries' ? words.map(word => word.toUpperCase()) : words)]
    }
    default: return key === 'guard.currency' ? text.toUpperCase() : text
  }
}

export function isSame (one: SettingValue, other: SettingValue): boolean {
  return JSON.stringify(one) === JSON.stringify(other)
}
