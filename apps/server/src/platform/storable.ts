import { Problem } from './problems.ts'

/**
 * Refuses what no database of ours keeps, anywhere in what was sent: texts with the character U+0000 (PostgreSQL refuses it,
 * other programs end a text at it, nobody types it), and numbers without an end: `Infinity` and `1e400` in an address
 * become one, and bounds of a schema do not hold for it.
 * @throws Problem badRequest that names the field
 */
export function refuseUnstorable (sent: unknown, field = ''): void {
  if (typeof sent === 'string') {
    if (sent.includes('\u0000')) refuse(field, 'a text without the character U+0000')
  } else if (typeof sent === 'number') {
    if (!Number.isFinite(sent)) refuse(field, 'a number with an end')
  } else if (typeof sent === 'object' && sent !== null) {
    for (const [name, value] of Object.entries(sent)) refuseUnstorable(value, field === '' ? name : `${field}.${name}`)
  }
}

function refuse (field: string, needs: string): never {
  throw new Problem('badRequest', { errors: [{ field, needs }] })
}
