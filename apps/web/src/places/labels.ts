/** Where the QR codes of labels lead. */

/** Rows and columns that fit both A4 and Letter, with margins of 10 mm. */
export const labelsOnSheet = 10

/** What people type to get here, as short as a browser takes it: it adds https:// itself. */
export function typedAddress (base: string): string {
  return base.replace(/^https:\/\//, '')
}

/**
 * The address on the label of an access point.
 * @param base where people reach this server, also in a folder of it; a slash at its end makes no difference
 */
export function labelAddress (base: string, accessPointId: string): string {
  return `${trimmed(base)}/at/${accessPointId}`
}

/** `publicUrl` of the settings; where it is not told, where the page itself was loaded from. */
export function baseOf (publicUrl: string | null, page: string): string {
  return trimmed(publicUrl ?? new URL('.', page).href)
}

function trimmed (base: string): string {
  return base.replace(/\/+$/, '')
}

/** Labels by sheets of paper: a break in the middle of a label would make two useless ones. */
export function inSheets<Label> (labels: readonly Label[]): Label[][] {
  return Array.from({ length: Math.ceil(labels.length / labelsOnSheet) }, (_, i) => labels.slice(i * labelsOnSheet, (i + 1) * labelsOnSheet))
}
