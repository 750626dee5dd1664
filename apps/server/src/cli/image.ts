import { createHash } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { MAX_IMAGE, versionNumber } from '@oncekey/protocol/messages'
import { isSigned, makeImageKey, readHeader, signImage, writeHeader } from '../updates/image-file.ts'

const usage = `Usage: oncekey image key FILE
       oncekey image sign IMAGE --version 1.2.3 --hardware NAME --key FILE [--minimum 1.0.0] [--out FILE]
       oncekey image check FILE [--public-key KEY]

Make the key and sign on a machine that is not the server: who has the key decides what controllers run.`

/** `oncekey image …`: makes the operator's key, signs an image with it, checks a signed one. Needs no server and no data folder. @returns 0 done, 1 not, 2 for words that make no sense */
export function image (words: string[]): number {
  try {
    const { values, positionals: [what, file, ...others] } = parseArgs({
      args: words, allowPositionals: true,
      options: { version: { type: 'string' }, hardware: { type: 'string' }, key: { type: 'string' }, minimum: { type: 'string' }, out: { type: 'string' }, 'public-key': { type: 'string' } }
    })
    if (file === undefined || others.length > 0) return unclear()
    if (what === 'key') return makeKey(file)
    if (what === 'check') return check(file, values['public-key'])
    const { version, hardware, key, minimum = '0.0.0', out = `${file}.okimage` } = values
    if (what !== 'sign' || version === undefined || hardware === undefined || key === undefined) return unclear()
    return signFile(file, { version, hardware, key, minimum, out })
  } catch (error) {
    console.error(inWords(error))
    return 1
  }
}

/** What a disk refuses, as a sentence with the file; anything else as it says itself. */
function inWords (error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  const { code, path } = error as NodeJS.ErrnoException
  if (code === 'EEXIST') return `${path} is there already. It is not written over: name another file, or move that one.`
  if (code === 'ENOENT') return `There is no ${path}.`
  if (code === 'EACCES') return `${path} may not be read or written by you.`
  return error.message
}

function unclear (): number {
  console.error(usage)
  return 2
}

function makeKey (file: string): number {
  const { pem, publicKey } = makeImageKey()
  writeFileSync(file, pem, { mode: 0o600, flag: 'wx' })
  console.error(`The private key is in ${file}. Keep it, and a copy, away from the server: without it no controller takes another program.`)
  console.error('The public key, for the page "Updates":')
  console.log(publicKey)
  return 0
}

function signFile (file: string, { version, hardware, key, minimum, out }: { version: string, hardware: string, key: string, minimum: string, out: string }): number {
  for (const [name, text] of [['version', version], ['minimum', minimum]] as const) {
    if (versionNumber(text) < 0) throw new Error(`--${name} is three numbers with dots, such as 1.2.3; "${text}" is not.`)
  }
  const bytes = readFileSync(file)
  if (bytes.length < 1 || bytes.length > MAX_IMAGE) throw new Error(`An image has 1 to ${MAX_IMAGE} bytes; ${file} has ${bytes.length}.`)
  const facts = signImage({ version, minimum, hardware, size: bytes.length, sha256: createHash('sha256').update(bytes).digest('base64url') }, readFileSync(key, 'utf8'))
  const header = writeHeader(facts)
  if (readHeader(header) === null) throw new Error('--hardware is 1 to 64 characters.')
  writeFileSync(out, Buffer.concat([header, bytes]), { flag: 'wx' })
  console.log(`${out}: version ${version} for ${hardware}, ${bytes.length} bytes. Upload it on the page "Updates".`)
  return 0
}

function check (file: string, publicKey: string | undefined): number {
  const bytes = readFileSync(file)
  const head = readHeader(bytes)
  if (head === null || head === 'more') throw new Error(`${file} is no signed image.`)
  const { facts, length } = head
  const body = bytes.subarray(length)
  if (body.length !== facts.size || createHash('sha256').update(body).digest('base64url') !== facts.sha256) throw new Error(`${file} is damaged: its bytes are not those that were signed.`)
  if (!isSigned(facts)) throw new Error(`${file} was changed after it was signed.`)
  if (publicKey !== undefined && publicKey !== facts.key) throw new Error(`${file} was signed with another key: ${facts.key}`)
  console.log(`Version ${facts.version} for ${facts.hardware}, over ${facts.minimum} or newer, ${facts.size} bytes, signed with ${facts.key}`)
  return 0
}
