// Writes the vectors of codes that work without the server: npx node packages/otp/scripts/make-offline-vectors.ts
import { writeFileSync } from 'node:fs'
import { acceptableIn, freshOffline, offlineDigits, offlineNamed, offlineRef, offlineText, offlineValue, slotAt, slotFor, spend } from '../src/offline.ts'
import { hex, hmacSha256, utf8 } from '../src/sha256.ts'

const root = Uint8Array.from({ length: 32 }, (_, i) => i)
const key = hmacSha256(root, utf8('offline|1'))
const slot = 981_792 // 2026-01-01T00:00:00Z

const names = [0, 1, 2, 3].flatMap((kind) => [0, 3].flatMap((serial) => [1, 96].map((lock) => ({ kind, slot: slot + kind, serial, lock }))))
let lock = freshOffline(1)
const uses = [['0.981792.0', 0], ['3.981793.3', 0], ['1.981784.2', 0], ['0.981795.1', 2], ['2.982100.0', 308]] as const

writeFileSync(new URL('../fixtures/offline.json', import.meta.url), `${JSON.stringify({
  note: 'key = HMAC-SHA-256(root, "offline|1"); code = HMAC-SHA-256(key, "1|class|slot|serial|lock") as one big-endian number mod 10^9, nine digits; slot = floor(ms since 1970 / 1800000); a code is named class.slot.serial. acceptable: all that lock 1 may take in that slot. uses: what is stored after each, one after the other, beginning with nothing.',
  root: hex(root),
  key: hex(key),
  slots: [1_767_225_600_000, 1_767_226_499_999, 1_767_226_500_000, 1_767_227_399_999].map((time) => ({ time, slot: slotAt(time), slotFor: slotFor(time) })),
  codes: names.map((name) => ({ class: name.kind, slot: name.slot, serial: name.serial, lock: name.lock, code: offlineDigits(offlineValue(key, name)) })),
  acceptable: { slot, refs: acceptableIn(1, slot).map(offlineRef) },
  uses: uses.map(([ref, after]) => {
    const name = offlineNamed(1, ref)
    if (name === null) throw new Error(ref)
    lock = spend(lock, name, slot + after, -1)
    return { ref, at: slot + after, stored: offlineText(lock) }
  })
}, null, 1)}\n`)
