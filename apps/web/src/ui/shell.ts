/** As one word of a POSIX shell, whatever is in it. */
export function quoted (text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`
}
