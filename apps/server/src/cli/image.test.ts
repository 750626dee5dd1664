import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { image } from './image.ts'

test('key, sign, check: what fits is told, what does not is refused, nothing is written over', (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'oncekey-image-'))
  t.after(() => { rmSync(folder, { recursive: true, force: true }) })
  const printed: string[] = []
  const said: string[] = []
  t.mock.method(console, 'log', (line: string) => { printed.push(line) })
  t.mock.method(console, 'error', (line: string) => { said.push(line) })
  const at = (name: string): string => join(folder, name)
  writeFileSync(at('p.bin'), 'a program')
  assert.equal(image(['key', at('k.pem')]), 0)
  const publicKey = printed.pop() ?? ''
  assert.match(publicKey, /^[\w-]{43}$/)
  assert.equal(statSync(at('k.pem')).mode & 0o777, 0o600)
  assert.equal(image(['key', at('k.pem')]), 1, 'never over a key')
  assert.equal(said.at(-1), `${at('k.pem')} is there already. It is not written over: name another file, or move that one.`)
  assert.equal(image(['check', at('none.okimage')]), 1)
  assert.equal(said.at(-1), `There is no ${at('none.okimage')}.`)
  const sign = (...more: string[]): number => image(['sign', at('p.bin'), '--hardware', 'esp32', '--key', at('k.pem'), ...more])
  assert.equal(sign('--version', '1.2'), 1)
  assert.match(said.at(-1) ?? '', /three numbers/)
  assert.equal(sign('--version', '1.2.0', '--minimum', 'new'), 1)
  assert.equal(sign('--version', '1.2.0', '--hardware', 'x'.repeat(65)), 1)
  assert.equal(sign('--version', '1.2.0'), 0)
  assert.equal(sign('--version', '1.2.0'), 1, 'never over a file')
  const file = at('p.bin.okimage')
  assert.equal(image(['check', file, '--public-key', publicKey]), 0)
  assert.match(printed.at(-1) ?? '', /Version 1\.2\.0 for esp32, over 0\.0\.0 or newer, 9 bytes/)
  assert.equal(image(['check', file, '--public-key', 'A'.repeat(43)]), 1)
  const bytes = readFileSync(file, 'latin1')
  for (const bent of [bytes.slice(0, -1), bytes.replace('a program', 'b program'), bytes.replace('1.2.0', '1.3.0'), bytes.slice(3), '']) {
    writeFileSync(file, bent, 'latin1')
    assert.equal(image(['check', file]), 1)
  }
  writeFileSync(at('rsa.pem'), 'no key')
  assert.equal(image(['sign', at('p.bin'), '--version', '1.3.0', '--hardware', 'esp32', '--key', at('rsa.pem')]), 1)
  writeFileSync(at('p.bin'), '')
  assert.equal(sign('--version', '1.3.0'), 1, 'nothing is no image')
  for (const words of [[], ['sign'], ['sign', 'x'], ['make', 'x'], ['key', 'a', 'b'], ['key', '--what']]) assert.ok(image(words) > 0, words.join(' '))
})
