/** How an SMS counts a text, by 3GPP TS 23.038 (alphabets) and 23.040 (parts). */
export type SmsSize = {
  /** gsm7: all its signs are in the default alphabet; ucs2: one is not, and each takes twice the room. */
  alphabet: 'gsm7' | 'ucs2'
  /** Septets or UTF-16 units: € and [ are two of the first, many emoji two of the second. */
  characters: number
  /** Messages it is sent as, and paid as. */
  segments: number
}

/** What one message holds: 140 octets; in several each loses six to their numbering. */
const ROOM = { gsm7: { alone: 160, part: 153 }, ucs2: { alone: 70, part: 67 } } as const

// 23.038 6.2.1, without the escape at 0x1b.
const basic = new Set('@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !"#¤%&\'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà')
// 23.038 6.2.1.1: an escape and a septet.
const extended = new Set('\f^{}\\[~]|€')

export function smsSize (text: string): SmsSize {
  const widths = Array.from(text, septets)
  const alphabet = widths.includes(0) ? 'ucs2' : 'gsm7'
  // A pair is not torn apart at the end of a part: neither an escape and its sign, nor two halves of one sign.
  const units = alphabet === 'gsm7' ? widths : Array.from(text, (sign) => sign.length)
  const characters = units.reduce((sum, one) => sum + one, 0)
  const { alone, part } = ROOM[alphabet]
  if (characters <= alone) return { alphabet, characters, segments: 1 }
  let segments = 1
  let used = 0
  for (const one of units) {
    if (used + one > part) {
      segments++
      used = 0
    }
    used += one
  }
  return { alphabet, characters, segments }
}

/** Septets of one sign; 0: the alphabet does not have it. */
function septets (sign: string): 0 | 1 | 2 {
  return basic.has(sign) ? 1 : extended.has(sign) ? 2 : 0
}

/**
 * The same in the default alphabet as far as letters without their marks are read as the same word: `Łódź Café` is `Łodz Café`.
 * Marks that the alphabet has stay.
 */
export function inGsm (text: string): string {
  return Array.from(text.normalize('NFC'), (sign) => {
    if (septets(sign) > 0) return sign
    const plain = alike[sign] ?? sign.normalize('NFD').replaceAll(/\p{M}/gu, '')
    return Array.from(plain).every((one) => septets(one) > 0) ? plain : sign
  }).join('')
}

const alike: Readonly<Record<string, string>> = { '’': "'", '‘': "'", '‚': ',', '“': '"', '”': '"', '„': '"', '«': '"', '»': '"', '–': '-', '—': '-', '…': '...', '\u00a0': ' ', 'ł': 'l', 'Ł': 'L', 'đ': 'd', 'Đ': 'D', 'ı': 'i', 'œ': 'oe', 'Œ': 'OE', '·': '.', '•': '-' }
