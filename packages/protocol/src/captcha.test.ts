import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { test } from 'node:test'
import { captchaTarget, solveCaptcha } from './captcha.ts'

test('the number is found wherever it lies, and what has none ends', () => {
  const target = createHash('sha256').update('salt.2500').digest('hex')
  assert.equal(captchaTarget('salt', 2500), target)
  assert.equal(solveCaptcha({ salt: 'salt', target, most: 3000 }), 2500)
  for (const number of [0, 2999]) assert.equal(solveCaptcha({ salt: 'salt', target: captchaTarget('salt', number), most: 3000 }), number)
  assert.equal(solveCaptcha({ salt: 'salt', target, most: 2500 }), null)
  assert.notEqual(captchaTarget('salt1', 2), captchaTarget('salt', 12))
})
