/** A share as a percentage; an empty text where there is nothing to share. Pure. */
export function shareText (part: number, whole: number, language: string): string {
  return whole === 0 ? '–' : new Intl.NumberFormat(language, { style: 'percent', maximumFractionDigits: part < whole && part / whole > 0.995 ? 1 : 0 }).format(part / whole)
}
