// Writes fixtures/*.json anew: `node packages/protocol/scripts/make-fixtures.ts`. A difference in git afterwards means
// that the contract changed, and with it every controller that is in use.
import { writeFileSync } from 'node:fs'
import { golden } from '../src/testing/golden.ts'

for (const [name, vectors] of Object.entries(golden())) {
  writeFileSync(new URL(`../fixtures/${name}.json`, import.meta.url), JSON.stringify(vectors, null, 2) + '\n')
}
