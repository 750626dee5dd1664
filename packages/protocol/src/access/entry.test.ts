import assert from 'node:assert/strict'
import { test } from 'node:test'
import { reasons } from '../audit-events.ts'
import { checksOfRefusal, decideAccess, refusalDetails, whyRefused, type AccessFacts } from './index.ts'

const facts: AccessFacts = {
  now: 1_000, offsetMs: () => 0, holidays: [],
  accessPoint: { isThere: true, hasController: true, isConnected: true, isBatteryLow: false, isHeld: false, isLockedDown: false }, person: { isThere: true, isSuspended: false, mayCommand: false, mayOverride: false },
  grants: [{ id: 'g', isEnded: false, startsAt: null, endsAt: 1_000, schedule: null, maxUses: null, uses: 0 }]
}
const over = decideAccess('entry', facts)
const fine = decideAccess('entry', { ...facts, now: 999 })

test('the engine is asked first, but for the time of a code: that was cut to the hours of its grant', () => {
  assert.equal(whyRefused('lockedOut', null, false), 'keypad')
  assert.equal(whyRefused('wrong', null, false), 'code')
  assert.equal(whyRefused('alreadyUsed', over, true), 'unspent')
  assert.equal(whyRefused('expired', over, false), 'over')
  assert.equal(whyRefused('expired', fine, false), 'time')
  assert.equal(whyRefused('outsideWindow', null, false), 'time')
  assert.equal(whyRefused('disabled', over, false), 'over')
  assert.equal(whyRefused('disabled', fine, true), 'lock')
  assert.equal(whyRefused('disabled', null, false), null)
})

test('what is written down is read back as the same list', () => {
  const details = { grantId: 'g', codeId: 'c', ...refusalDetails('over', 'entry') }
  assert.equal('passed' in details && details.passed, 'keypad code unspent lock accessPoint person suspended held lockdown grant ended begun')
  assert.deepEqual(checksOfRefusal({ reason: 'disabled', details })?.map((one) => `${one.check} ${one.outcome}`), [
    'keypad passed', 'code passed', 'unspent passed', 'lock passed', 'accessPoint passed', 'person passed', 'suspended passed', 'held passed', 'lockdown passed', 'grant passed', 'ended passed', 'begun passed',
    'over failed', 'schedule notReached', 'holiday notReached', 'uses notReached', 'time notReached'
  ])
  assert.deepEqual(refusalDetails(null, 'entry'), {})
})

test('rows of an older or a newer program are read as they were written', () => {
  assert.deepEqual(checksOfRefusal({ reason: 'disabled', details: { codeId: 'c', because: 'lock', passed: 'code somethingNew keypad' } })?.slice(0, 4).map((one) => `${one.check} ${one.outcome}`), ['code passed', 'keypad passed', 'lock failed', 'unspent notReached'])
  assert.equal(checksOfRefusal({ reason: 'disabled', details: {} }), null, 'which of several it was is not known')
  assert.equal(checksOfRefusal({ reason: null, details: {} }), null)
  assert.equal(checksOfRefusal({ reason: 'wrong', details: {} })?.find((one) => one.outcome === 'failed')?.check, 'code')
  assert.deepEqual(checksOfRefusal({ reason: 'lowBattery', details: { pinId: 'p' } }), [{ check: 'battery', outcome: 'failed' }])
  for (const reason of reasons) assert.ok(reason === 'disabled' || checksOfRefusal({ reason, details: {} }) !== null, reason)
})
