import { createHash, type Hash } from 'node:crypto'
import { createWriteStream } from 'node:fs'
import { mkdir, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type { Named } from '../audit/append.ts'
import type { House } from '../house.ts'
import { Problem } from '../platform/problems.ts'
import { isSigned, MOST_HEADER, readHeader, type SignedFacts } from './image-file.ts'

/** Where the bytes of an image lie. */
export function imagePath (house: House, imageId: string): string {
  return join(house.config.dataDir, 'images', imageId)
}

/**
 * Takes a signed image in: its head first, so that what is none is refused before it costs anything; then the bytes,
 * straight to the data folder, never all in memory.
 * @returns its id
 * @throws Problem imageRefused, whose detail says what is wrong; alreadyExists
 */
export async function uploadImage (house: House, body: Readable, { siteId, actor }: { siteId: string, actor: Named }): Promise<string> {
  const parts = body[Symbol.asyncIterator]()
  const { facts, rest } = await takeHeader(parts)
  const keys = await house.db.read.selectFrom('image_keys').select(['public_key']).where('site_id', '=', siteId).execute()
  if (keys.length === 0) refuse('noKeys', 'No key is trusted here yet. Make one with "oncekey image key FILE" and add its public key first.')
  if (!keys.some((one) => one.public_key === facts.key)) refuse('key', 'It was signed with a key that is not trusted here. Sign it with one that is, or add its public key.')
  if (!isSigned(facts)) refuse('signature', 'Its signature is wrong: it was changed after it was signed. Sign it again.')
  const id = house.newId()
  const path = imagePath(house, id)
  await mkdir(join(path, '..'), { recursive: true, mode: 0o700 })
  try {
    const hash = createHash('sha256')
    await pipeline(counted(rest, parts, facts.size, hash), createWriteStream(path + '.part', { mode: 0o600 }))
    if (hash.digest('base64url') !== facts.sha256) refuse('bytes', 'Its bytes are not those that were signed: it was damaged on the way. Upload it again.')
    await rename(path + '.part', path)
    await store(house, id, facts, { siteId, actor })
    return id
  } catch (error) {
    await Promise.all([rm(path + '.part', { force: true }), rm(path, { force: true })])
    throw error
  }
}

async function store (house: House, id: string, facts: SignedFacts, { siteId, actor }: { siteId: string, actor: Named }): Promise<void> {
  const { version, minimum, hardware, size, sha256, key, signature } = facts
  await house.db.write(async (trx) => {
    if (await trx.prepare('SELECT id FROM images WHERE site_id = ? AND hardware = ? AND version = ? AND removed_at IS NULL').get(siteId, hardware, version) !== undefined) {
      throw new Problem('alreadyExists', { detail: `Version ${version} for ${hardware} is here already. Remove it first, or give the new one a higher version.` })
    }
    const now = house.clock()
    await trx.sql.insertInto('images').values({
      id, site_id: siteId, version, minimum, hardware, size, sha256, public_key: key, signature, uploaded_by: actor.name, created_at: now, removed_at: null
    }).execute()
    house.audit.append(trx, now, { event: 'image.uploaded', actor, details: { version, hardware, size, sha256 } })
  })
}

type Parts = AsyncIterator<Buffer>

async function takeHeader (parts: Parts): Promise<{ facts: SignedFacts, rest: Buffer }> {
  let start = Buffer.alloc(0)
  for (;;) {
    const next = await parts.next()
    if (next.done !== true) start = Buffer.concat([start, next.value])
    const head = readHeader(start.subarray(0, MOST_HEADER))
    if (head === null || (head === 'more' && next.done === true)) refuse('file', 'This file is no signed image. Sign the program first: oncekey image sign …')
    if (head !== 'more') return { facts: head.facts, rest: start.subarray(head.length) }
  }
}

/** The bytes of the image, exactly so many. */
async function * counted (rest: Buffer, parts: Parts, size: number, hash: Hash): AsyncGenerator<Buffer> {
  let count = 0
  for (let part = rest; ;) {
    count += part.length
    if (count > size) refuse('bytes', `It is longer than the ${size} bytes that were signed.`)
    hash.update(part)
    yield part
    const next = await parts.next()
    if (next.done === true) break
    part = next.value
  }
  if (count < size) refuse('bytes', `It ended after ${count} of ${size} bytes. Upload it again.`)
}

/** @param part of the upload that is not right, for pages that say it in their own words */
function refuse (part: 'file' | 'noKeys' | 'key' | 'signature' | 'bytes', detail: string): never {
  throw new Problem('imageRefused', { detail, errors: [{ field: part, needs: detail }] })
}

/** Forgets an image. @throws Problem notFound; inUse while a roll-out of it goes on */
export async function removeImage (house: House, id: string, { siteId, actor }: { siteId: string, actor: Named }): Promise<void> {
  await house.db.write(async (trx) => {
    const row = await trx.prepare('SELECT version, hardware FROM images WHERE id = ? AND site_id = ? AND removed_at IS NULL').get(id, siteId)
    if (row === undefined) throw new Problem('notFound')
    if (await trx.prepare('SELECT id FROM rollouts WHERE image_id = ? AND ended_at IS NULL').get(id) !== undefined) throw new Problem('inUse', { detail: 'A roll-out of this image goes on. End it first.' })
    await trx.prepare('UPDATE images SET removed_at = ? WHERE id = ?').run(house.clock(), id)
    house.audit.append(trx, house.clock(), { event: 'image.removed', actor, details: { version: String(row['version']), hardware: String(row['hardware']) } })
    trx.after(() => { rm(imagePath(house, id), { force: true }).catch((error: unknown) => { house.log.error('an image could not be removed', { image: id, error }) }) })
  })
}
