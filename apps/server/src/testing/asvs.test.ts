import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'

const root = new URL('../../../../', import.meta.url)
const read = (path: string): string => readFileSync(new URL(path, root), 'utf8')

/** How many requirements of levels 1 and 2 each section of ASVS 5.0 has. */
const sections: Record<string, number> = { '6.1': 3, '6.2': 12, '6.3': 4, '6.4': 4, '6.5': 5, '6.6': 3, '6.8': 4, '7.1': 3, '7.2': 4, '7.3': 2, '7.4': 5, '7.5': 2, '7.6': 2 }

test('docs/asvs.md has every line of chapters 6 and 7 up to level 2, each with a test that is there or a reason', () => {
  const lines = read('docs/asvs.md').split('\n').filter((line) => /^\| \d/.test(line)).map((line) => line.slice(2, -2).split(' | '))
  const wanted = Object.entries(sections).flatMap(([section, count]) => Array.from({ length: count }, (_, i) => `${section}.${i + 1}`))
  assert.deepEqual(lines.map(([number]) => number), wanted)
  for (const [number, , , evidence = ''] of lines) {
    const tests = [...evidence.matchAll(/`([\w./-]+\.test\.ts)`: "([^|]+?)"(?=;|$|\.)/g)]
    for (const [, file = '', name = ''] of tests) {
      const names = [...read(file).matchAll(/\btest\((['"`])((?:\\.|(?!\1).)*)\1/g)].map(([, , text = '']) => text.replaceAll('\\', ''))
      assert.ok(names.some((one) => one.includes(name)), `${number}: no test "${name}…" in ${file}`)
    }
    for (const [, path = ''] of evidence.matchAll(/`((?:apps|packages|docs)\/[\w./-]+)`/g)) assert.ok(read(path) !== '', path)
    assert.ok(tests.length > 0 || evidence.length > 12, `${number} has neither a test nor a reason`)
  }
})
