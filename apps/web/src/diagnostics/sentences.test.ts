import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import path from 'node:path'
import { test } from 'node:test'
import { findings, hardenings } from '@oncekey/protocol/findings'

test('the page says in English what the doctor says, sentence by sentence, and knows every code', () => {
  const texts: Record<string, string> = JSON.parse(readFileSync(path.join(import.meta.dirname, '../texts/en/operator.json'), 'utf8'))
  const said = Object.fromEntries(Object.entries(texts).filter(([key]) => /^(finding|cure)\./.test(key)))
  const all: [string, { says: string, cure?: string }][] = Object.entries({ ...findings, ...hardenings })
  const wanted = Object.fromEntries(all.flatMap(([code, { says, cure }]) => [[`finding.${code}`, says], ...cure === undefined ? [] : [[`cure.${code}`, cure]]]))
  assert.deepEqual(said, wanted)
})
