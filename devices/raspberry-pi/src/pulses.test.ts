import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { pwmChannel } from './pulses.ts'

test('pulses and tones are what the kernel is told, in nanoseconds', (t) => {
  const chip = mkdtempSync(join(tmpdir(), 'oncekey-pwm-'))
  t.after(() => { rmSync(chip, { recursive: true }) })
  mkdirSync(join(chip, 'pwm1'))
  const told = (): string[] => ['period', 'duty_cycle', 'enable'].map((name) => readFileSync(join(chip, 'pwm1', name), 'utf8'))
  const channel = pwmChannel(chip, 1)
  channel.pulse(1450)
  assert.deepEqual(told(), ['20000000', '1450000', '1'])
  channel.pulse(0)
  assert.equal(told()[2], '0')
  channel.sound(800)
  assert.deepEqual(told(), ['1250000', '625000', '1'])
  channel.sound(0)
  assert.equal(told()[2], '0')
  assert.throws(() => pwmChannel(chip, 0).pulse(1000), /ENOENT/)
  assert.equal(readFileSync(join(chip, 'export'), 'utf8'), '0', 'a channel that is not there yet is asked for')
})
