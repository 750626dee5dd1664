/** `maria@example.org` -> `m•••@example.org` */
export function maskAddress (address: string): string {
  const at = address.lastIndexOf('@')
  return at < 1 ? '•••' : [...address].slice(0, 1).join('') + '•••' + address.slice(at)
}
