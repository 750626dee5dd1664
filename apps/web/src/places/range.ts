/**
 * What a range like `A01-A12, B1-3, Parcel` stands for. The server decides; this is the preview while somebody types.
 */
export type Range = { names: string[] } | { problem: 'empty' | 'mismatch' | 'backwards' | 'tooMany' | 'twice' | 'tooLong', part: string }

export const mostNames = 500
const longestName = 80

export function expandRange (text: string): Range {
  const names: string[] = []
  for (const part of text.split(/[,;\n]/).map(each => each.trim()).filter(Boolean)) {
    const range = expandPart(part)
    if ('problem' in range) return range
    names.push(...range.names)
    if (names.length > mostNames) return { problem: 'tooMany', part }
  }
  if (names.length === 0) return { problem: 'empty', part: '' }
  const seen = new Set<string>()
  for (const name of names) {
    if ([...name].length > longestName) return { problem: 'tooLong', part: name }
    // Names that differ only in case are the same name to the server.
    if (seen.has(name.toLowerCase())) return { problem: 'twice', part: name }
    seen.add(name.toLowerCase())
  }
  return { names }
}

function expandPart (part: string): Range {
  const ends = /^(\D*|.*\D)(\d{1,9})\s*[-–—]\s*(.*\D|)(\d{1,9})$/.exec(part)
  if (!ends) return { names: [part] }
  const [, prefix = '', first = '', secondPrefix = '', last = ''] = ends
  if (secondPrefix !== '' && secondPrefix !== prefix) return { problem: 'mismatch', part }
  const from = Number(first)
  const to = Number(last)
  if (to < from) return { problem: 'backwards', part }
  if (to - from >= mostNames) return { problem: 'tooMany', part }
  return { names: Array.from({ length: to - from + 1 }, (_, index) => prefix + String(from + index).padStart(first.length, '0')) }
}
