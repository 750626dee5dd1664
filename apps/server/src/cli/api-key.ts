import { randomBytes, randomUUIDv7 } from 'node:crypto'
import { parseArgs } from 'node:util'
import type { KeyScope } from '@oncekey/protocol/schemas'
import { makeApiKey } from '../api-keys/make.ts'
import { readConfig } from '../config.ts'
import { openRecords } from '../records.ts'

/**
 * `oncekey apikey create --name NAME [--scope SCOPE]…`: makes a key beside a running server and prints its secret, once, alone on standard output.
 * Whoever may read the data folder may do this: the secrets are there.
 * @returns 0 when it was made, 1 when it was not, 2 for words that make no sense
 */
export async function apiKey (words: string[]): Promise<number> {
  const [what, ...rest] = words
  if (what !== 'create') {
    console.error('Usage: oncekey apikey create --name NAME [--scope verifications|verifications:read|compat|metrics|record:read]   (list, rotate and revoke them as an administrator: GET and DELETE /api/v1/api-keys)')
    return 2
  }
  let name: string
  let scopes: KeyScope[]
  try {
    const { values } = parseArgs({ args: rest, options: { name: { type: 'string' }, scope: { type: 'string', multiple: true } } })
    name = (values.name ?? '').trim()
    scopes = [...new Set(values.scope ?? ['verifications'])].map(scopeOf)
  } catch (error) {
    console.error(error instanceof Error ? error.message : String(error))
    return 2
  }
  if (name.length < 1 || name.length > 80 || /\p{Cc}/u.test(name)) {
    console.error('A key needs a name of 1 to 80 characters, so that people know whose it is: --name "Web shop".')
    return 2
  }
  try {
    const records = await openRecords(readConfig(), { clock: Date.now, entropy: (count) => randomBytes(count) })
    try {
      const site = await records.db.read.selectFrom('sites').select('id').orderBy('created_at').limit(1).executeTakeFirst()
      if (site === undefined) throw new Error('Nothing is set up yet. Start the server, open the link that it prints, and come back.')
      const { id, secret } = await records.db.write((trx) => makeApiKey(trx, { ...records, clock: Date.now, newId: () => randomUUIDv7() }, {
        siteId: site.id, name, scopes, madeBy: { id: null, name: 'oncekey apikey' }
      }))
      console.error(`The key "${name}" (${id}). It is shown this once:`)
      console.log(secret)
      return 0
    } finally {
      await records.db.close()
    }
  } catch (error) {
    console.error(error instanceof Error ? error.message : String(error))
    return 1
  }
}

const known: readonly KeyScope[] = ['verifications', 'verifications:read', 'compat', 'metrics', 'record:read']

/** @throws Error that names what there is */
function scopeOf (word: string): KeyScope {
  const scope = known.find((one) => one === word)
  if (scope === undefined) throw new Error(`There is no scope "${word}"; scopes are ${known.join(', ')}.`)
  return scope
}
