import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { journal } from './journal.ts'

function file (t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'oncekey-pi-'))
  t.after(() => { rmSync(folder, { recursive: true }) })
  return join(folder, 'memory')
}

test('what was set is there again; what was deleted is not', (t) => {
  const path = file(t)
  const first = journal(path)
  assert.throws(() => first.set('early', '1'), /closed/)
  assert.deepEqual(first.load(), {})
  first.set('settings', 'ä\n"x"')
  first.set('r/1', 'one')
  first.set('r/1', '')
  first.set('keypad', '1')
  first.set('keypad', '2')
  first.close()
  const second = journal(path)
  assert.deepEqual(second.load(), { settings: 'ä\n"x"', keypad: '2' })
  assert.equal(readFileSync(path, 'utf8').split('\n').length, 3, 'written anew at the start')
  assert.equal(statSync(path).mode & 0o777, 0o600)
  second.close()
})

test('a file that a power cut tore at any byte holds everything up to its last whole line', (t) => {
  const path = file(t)
  const memory = journal(path)
  memory.load()
  const truth: { bytes: number, saved: Record<string, string> }[] = [{ bytes: 0, saved: {} }]
  const saved: Record<string, string> = {}
  for (let i = 0; i < 12; i++) {
    const [key, value] = [`k${i % 4}`, 'é'.repeat(i)]
    memory.set(key, value)
    if (value === '') delete saved[key]
    else saved[key] = value
    truth.push({ bytes: statSync(path).size, saved: { ...saved } })
  }
  memory.close()
  const whole = readFileSync(path)
  for (let cut = 0; cut <= whole.length; cut++) {
    writeFileSync(path, whole.subarray(0, cut))
    const torn = journal(path)
    assert.deepEqual(torn.load(), truth.findLast(({ bytes }) => bytes <= cut)?.saved, `cut at byte ${cut}`)
    torn.close()
  }
})

test('the file does not grow for ever', (t) => {
  const path = file(t)
  const memory = journal(path)
  memory.load()
  for (let i = 0; i < 2500; i++) memory.set('keypad', String(i))
  assert.ok(readFileSync(path, 'utf8').split('\n').length < 2100)
  assert.deepEqual(memory.load(), { keypad: '2499' })
  memory.close()
})
