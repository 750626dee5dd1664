import { Problem } from './problems.ts'

/**
 * Refuses texts with the character U+0000, anywhere in what was sent: PostgreSQL can not keep it, other programs end a
 * text at it, and nobody types it.
 * @throws Problem badRequest that names the field
 */
export function refuseNul (sent: unknown, field = ''): void {
  if (typeof sent === 'string') {
    if (sent.includes('\u0000')) throw new Problem('badRequest', { errors: [{ field, needs: 'a text without the character U+0000' }] })
  } else if (typeof sent === 'object' && sent !== null) {
    for (const [name, value] of Object.entries(sent)) refuseNul(value, field === '' ? name : `${field}.${name}`)
  }
}
