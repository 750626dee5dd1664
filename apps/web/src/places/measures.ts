const highestMm = 5_000

/** A height that was typed, in millimetres; undefined when nothing was, null when it is none. */
export function heightOf (typed: string): number | undefined | null {
  const text = typed.trim()
  if (text === '') return undefined
  return /^\d{1,4}$/.test(text) && Number(text) <= highestMm ? Number(text) : null
}

/** What a form sends of a size and a height; null when the height is none. */
export function measuresOf (size: string, height: string): { size?: string, heightMm?: number } | null {
  const heightMm = heightOf(height)
  return heightMm === null ? null : { ...size.trim() !== '' && { size: size.trim() }, ...heightMm !== undefined && { heightMm } }
}
