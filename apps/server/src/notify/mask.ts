/** `maria@example.org` -> `m•••@example.org`, `+351210000042` -> `•••42`, anything else -> `•••` */
export function maskAddress (address: string): string {
  if (/^\+?\d{6,}$/.test(address)) return '•••' + address.slice(-2)
  const at = address.lastIndexOf('@')
  return at < 1 ? '•••' : String.fromCodePoint(address.codePointAt(0) ?? 0) + '•••' + address.slice(at)
}
