import assert from 'node:assert/strict'
import { join } from 'node:path'
import { test } from 'node:test'
import { bytes } from './bundle.ts'

const packages = join(import.meta.dirname, '../packages')
const fromPackage = (name: string): boolean => name.startsWith('@oncekey/')

/**
 * Minified bytes that each part may have: what it has, rounded up. Whoever needs more raises the number in the same
 * commit and says there what for; whoever saves some lowers it.
 */
const parts: readonly { part: string, most: number, of: () => Promise<number> }[] = [
  // packages/controller itself: without the texts of its display, and without the packages below it.
  { part: 'the program', most: 28_500, of: () => bytes(join(packages, 'controller/src/index.ts'), (name) => fromPackage(name) || name === './texts.ts') },
  { part: 'its texts, for each language', most: 950, of: async () => Math.ceil(await bytes(join(packages, 'controller/src/texts.ts')) / 4) },
  { part: 'the program on its packages', most: 47_100, of: () => bytes(join(packages, 'controller/src/index.ts')) },
  { part: 'the drivers', most: 2600, of: () => bytes(join(packages, 'drivers/src/index.ts')) },
  { part: 'all that a device gets beside its host', most: 49_700, of: () => bytes(join(import.meta.dirname, 'device.ts')) }
]

test('the program of a device does not grow unnoticed', async () => {
  const sizes = await Promise.all(parts.map(({ of }) => of()))
  console.log('Minified bytes:')
  parts.forEach(({ part, most }, i) => console.log(`  ${part}: ${sizes[i]} of ${most}`))
  parts.forEach(({ part, most }, i) => {
    assert.ok(sizes[i]! <= most, `${part} has ${sizes[i]} bytes of ${most}`)
    assert.ok(sizes[i]! > most * 0.9, `${part} has only ${sizes[i]} bytes: lower its limit of ${most}`)
  })
})
