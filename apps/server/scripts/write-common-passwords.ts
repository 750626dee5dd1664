/**
 * Writes src/people/common-passwords.bin: of each password of eight characters and more in a list, the first four bytes of its
 * SHA-256, sorted. The list is `src/passwords.json` (lower case, the most frequent first) of the npm package
 * @zxcvbn-ts/language-common 4.1.3 (MIT licence, Copyright (c) 2021 zxcvbn-ts contributors): 17,950 of its 49,233 are that long.
 *
 *     node apps/server/scripts/write-common-passwords.ts passwords.json
 */
import { readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { commonHash } from '../src/people/common-passwords.ts'

const [list = ''] = process.argv.slice(2)
// A list of strings, by its package's own type.
const passwords = JSON.parse(readFileSync(list, 'utf8')) as string[]
const hashes = new Set(passwords.filter((one) => [...one].length >= 8).map((one) => commonHash(one.normalize('NFC').toLowerCase())))
const sorted = Uint32Array.from(hashes).sort()
const bytes = Buffer.alloc(sorted.length * 4)
for (const [i, hash] of sorted.entries()) bytes.writeUInt32BE(hash, i * 4)
writeFileSync(path.join(import.meta.dirname, '../src/people/common-passwords.bin'), bytes)
process.stdout.write(`${sorted.length} passwords, ${bytes.length} bytes\n`)
