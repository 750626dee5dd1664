import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { openSecrets } from '../platform/secrets.ts'
import { openConnection } from '../platform/sqlite.ts'
import { chainMacs } from './append.ts'
import { verifyChain, type Verdict } from './verify.ts'

/**
 * Verifies the record in a data folder, whether its server runs or not, and changes nothing there.
 * @throws Error with the cure when there is no database or no key in it
 */
export function verifyFolder (dataDir: string): Verdict {
  const path = join(dataDir, 'oncekey.db')
  for (const file of [path, join(dataDir, 'secrets.json')]) {
    if (!existsSync(file)) throw new Error(`${file} does not exist. Name the data folder with --data-dir.`)
  }
  const { auditKey } = openSecrets(dataDir)
  const database = openConnection(path, { readOnly: true })
  try {
    return verifyChain(database, chainMacs(auditKey))
  } finally {
    database.close()
  }
}
