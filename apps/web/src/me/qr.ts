import { OfflineError } from '@oncekey/client'

/** A QR code as one path of unit squares, with the quiet edge that scanners need. The program for it comes when one is drawn. */
export async function drawQr (text: string): Promise<{ size: number, path: string }> {
  const { encode } = await import('uqr').catch((cause: unknown) => { throw new OfflineError('', { cause }) })
  const { size, data } = encode(text, { ecc: 'M', border: 4 })
  return { size, path: data.flatMap((row, y) => row.flatMap((isDark, x) => isDark ? [`M${x} ${y}h1v1h-1z`] : [])).join('') }
}
