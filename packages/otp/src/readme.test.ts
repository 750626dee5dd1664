import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { pathToFileURL } from 'node:url'

const packageFolder = new URL('../', import.meta.url)

/** Puts imports first and points them at this package, which a file elsewhere would not find by its name. */
function program (blocks: string[]): string {
  const { exports }: { exports: Record<string, string> } = JSON.parse(readFileSync(new URL('package.json', packageFolder), 'utf8'))
  const lines = blocks.join('\n').split('\n').map(line => line.replace(/'@oncekey\/otp(\/\w+)?'/, (_, path = '') => {
    const target = exports[`.${path}`]
    assert.ok(target, `package.json exports no .${path}`)
    return `'${new URL(target, packageFolder).href}'`
  }))
  const isImport = (line: string): boolean => line.startsWith('import ')
  return [...lines.filter(isImport), ...lines.filter(line => !isImport(line))].join('\n')
}

test('the snippets of the README do what it says', async t => {
  const readme = readFileSync(new URL('README.md', packageFolder), 'utf8')
  const blocks = [...readme.matchAll(/(?<!not run: [^\n]*\n)```ts\n([^]*?)```/g)].map(match => match[1] ?? '')
  assert.equal(blocks.length, 4)
  const folder = mkdtempSync(join(tmpdir(), 'oncekey-readme-'))
  t.after(() => rmSync(folder, { recursive: true }))
  const [three = '', ...others] = blocks
  const source = program([
    "import { dailyChance, digitsFor, readerPolicy } from '@oncekey/otp'",
    "const challengeId = 'c1'\nconst typed = '0000'", three,
    "const right = otp.verify({ purpose: 'login', scope: challengeId, policy: challengePolicy, code: issue.issued ? issue.code : '' })",
    ...others,
    "const stored = createOtp({ store, keys: keyRing([{ id: 'k', key: randomBytes(32) }]), clock: Date.now, entropy: randomBytes }).status({ scope: 's', policy: readerPolicy })",
    'db.close()',
    'export const results = [issue.issued, verdict.granted, right.granted, stored.triesLeft, digitsFor(12), dailyChance(12, 8)]'
  ]).replace("'codes.db'", `'${join(folder, 'codes.db')}'`)
  writeFileSync(join(folder, 'readme.ts'), source)
  const { results } = await import(pathToFileURL(join(folder, 'readme.ts')).href)
  assert.deepEqual(results, [true, false, true, 3, 8, 0.00001008])
})
