/** Lines as a file that spreadsheets open: commas, CRLF (RFC 4180), and a byte order mark, or they take it for another alphabet. */
export function csvOf (lines: readonly (readonly string[])[]): string {
  return '\ufeff' + lines.map((cells) => cells.map(cell).join(',')).join('\r\n') + '\r\n'
}

/**
 * A cell that begins like a formula is one to a spreadsheet (CWE-1236): an apostrophe makes it a text. Also behind a semicolon or
 * a tab: where those separate cells, as in German, a quote in the middle of a cell keeps nothing together.
 */
export function cell (text: string): string {
  const safe = text.replaceAll(/(?<=^|[;\t\r\n])(?=\s*[=+\-@])|^(?=[\t\r\n])/g, "'")
  return /[",;\r\n\t]/.test(safe) || safe !== text ? `"${safe.replaceAll('"', '""')}"` : safe
}
