import assert from 'node:assert/strict'
import { createHmac, randomBytes } from 'node:crypto'
import { test } from 'node:test'
import { Secret, TOTP } from 'otpauth'
import { utf8 } from './bytes.ts'
import { seededBytes } from './stores/testing/world.ts'
import { totp, verifyTotp, type TotpTry, type TotpVerdict } from './totp.ts'

const secret = utf8('12345678901234567890')
/** The middle of step 1000 of 30 seconds. */
const now = 30_015_000
const codeOf = (step: number): string => totp({ secret, now: step * 30_000 })
const tried = (change: Partial<TotpTry>): TotpVerdict => verifyTotp({ secret, code: codeOf(1000), now, lastStep: null, ...change })
const granted = (step: number): TotpVerdict => ({ granted: true, step })
const wrong: TotpVerdict = { granted: false, reason: 'wrong' }
const alreadyUsed: TotpVerdict = { granted: false, reason: 'alreadyUsed' }

test('the codes of RFC 6238, appendix B', () => {
  const times = [59, 1111111109, 1111111111, 1234567890, 2000000000, 20000000000]
  const vectors = {
    sha1: { key: secret, codes: ['94287082', '07081804', '14050471', '89005924', '69279037', '65353130'] },
    sha256: { key: utf8('12345678901234567890123456789012'), codes: ['46119246', '68084774', '67062674', '91819424', '90698825', '77737706'] }
  }
  for (const algorithm of ['sha1', 'sha256'] as const) {
    const { key, codes } = vectors[algorithm]
    codes.forEach((code, i) => {
      const at = { secret: key, digits: 8, algorithm, now: times[i]! * 1000 }
      assert.equal(totp(at), code)
      assert.deepEqual(verifyTotp({ ...at, code, lastStep: null }), granted(Math.floor(times[i]! / 30)))
    })
  }
})

test('a step lasts from its first millisecond to the one before the next', () => {
  assert.equal(codeOf(1000), totp({ secret, now: 30_029_999 }))
  assert.notEqual(codeOf(1000), totp({ secret, now: 30_030_000 }))
  assert.notEqual(codeOf(1000), totp({ secret, now: 29_999_999 }))
  assert.equal(totp({ secret, now: 60_000, period: 60 }), totp({ secret, now: 30_000 }))
})

test('the code of now and of one step to either side is right, of two is not', () => {
  for (const step of [999, 1000, 1001]) assert.deepEqual(tried({ code: codeOf(step) }), granted(step))
  for (const step of [997, 998, 1002, 1003]) assert.deepEqual(tried({ code: codeOf(step) }), wrong)
})

test('the window is as wide as told', () => {
  assert.deepEqual(tried({ window: 0 }), granted(1000))
  for (const step of [999, 1001]) assert.deepEqual(tried({ code: codeOf(step), window: 0 }), wrong)
  for (const step of [990, 1010]) assert.deepEqual(tried({ code: codeOf(step), window: 10 }), granted(step))
  for (const step of [989, 1011]) assert.deepEqual(tried({ code: codeOf(step), window: 10 }), wrong)
})

test('a step is granted once, and none before it afterwards', () => {
  assert.deepEqual(tried({ lastStep: 999 }), granted(1000))
  assert.deepEqual(tried({ lastStep: 1000 }), alreadyUsed)
  assert.deepEqual(tried({ lastStep: 1001 }), alreadyUsed)
  assert.deepEqual(tried({ code: codeOf(999), lastStep: 1000 }), alreadyUsed)
  assert.deepEqual(tried({ code: codeOf(1001), lastStep: 1000 }), granted(1001))
  assert.deepEqual(tried({ code: '000000', lastStep: 1000 }), wrong)
})

test('step 0 counts as used once it was used', () => {
  assert.deepEqual(tried({ now: 0, code: codeOf(0) }), granted(0))
  assert.deepEqual(tried({ now: 0, code: codeOf(0), lastStep: 0 }), alreadyUsed)
  assert.deepEqual(tried({ now: 0, code: codeOf(1), lastStep: 0 }), granted(1))
})

test('a clock that is set back revives nothing', () => {
  let lastStep: number | null = null
  const used: string[] = []
  for (const step of [1000, 1001, 1002]) {
    const verdict = tried({ now: step * 30_000, code: codeOf(step), lastStep })
    assert.deepEqual(verdict, granted(step))
    if (verdict.granted) lastStep = verdict.step
    used.push(codeOf(step))
  }
  for (let at = 1002; at >= 990; at--) {
    for (const code of [...used, codeOf(at)]) assert.equal(tried({ now: at * 30_000, code, lastStep }).granted, false, `${code} at ${at}`)
  }
  assert.deepEqual(tried({ now: 1003 * 30_000, code: codeOf(1003), lastStep }), granted(1003))
})

test('of two steps in reach with the same digits the later one is used, so that these work once', () => {
  // A pair of neighbours has the same six digits once in a million steps: the first of this secret.
  const step = 910_737
  assert.equal(codeOf(step), codeOf(step + 1))
  const twice = { now: step * 30_000, code: codeOf(step) }
  assert.deepEqual(tried(twice), granted(step + 1))
  assert.deepEqual(tried({ ...twice, lastStep: step }), granted(step + 1))
  assert.deepEqual(tried({ ...twice, lastStep: step + 1 }), alreadyUsed)
})

test('blanks are an app\'s, not the code\'s; anything else is wrong', () => {
  const code = codeOf(1000)
  for (const typed of [`${code.slice(0, 3)} ${code.slice(3)}`, ` ${code}\n`, `${code.slice(0, 3)}\u00a0${code.slice(3)}`]) {
    assert.deepEqual(tried({ code: typed }), granted(1000), JSON.stringify(typed))
  }
  for (const typed of ['', ' ', code.slice(1), `0${code}`, `${code}0`, `${code.slice(0, 3)}-${code.slice(3)}`, '٣٣٣٣٣٣', 'abcdef', '9'.repeat(100_000)]) {
    assert.deepEqual(tried({ code: typed }), wrong, JSON.stringify(typed.slice(0, 20)))
  }
  assert.deepEqual(tried({ digits: 8 }), wrong)
  assert.deepEqual(tried({ algorithm: 'sha256' }), wrong)
  assert.deepEqual(tried({ secret: utf8('12345678901234567891') }), wrong)
})

test('each step in reach is computed, whichever is right: the time tells nothing', () => {
  const computed = (code: string): number => {
    let count = 0
    // HMAC reads the secret once for each code that is computed.
    const counting = new Proxy(secret, {
      get (bytes, name) {
        if (name === 'forEach') count++
        const value: unknown = Reflect.get(bytes, name)
        return typeof value === 'function' ? value.bind(bytes) : value
      }
    })
    verifyTotp({ secret: counting, code, now, lastStep: 1000 })
    return count
  }
  for (const code of [codeOf(999), codeOf(1000), codeOf(1001), '000000', '', 'x']) assert.equal(computed(code), 3, code)
})

test('thousands of random tries: granted as another library says, and never a used step', () => {
  const seed = randomBytes(4).readUInt32BE()
  const entropy = seededBytes(seed)
  const whole = (below: number): number => Buffer.from(entropy(4)).readUInt32BE() % below
  const seen = { granted: 0, wrong: 0, alreadyUsed: 0 }
  for (let round = 0; round < 3000; round++) {
    const key = entropy(16 + whole(50))
    const algorithm = whole(2) === 0 ? 'sha1' : 'sha256'
    const digits = 6 + whole(3)
    const period = 1 + whole(90)
    const window = whole(4)
    const at = whole(2 ** 32) * 1000 + whole(1000)
    const theirs = new TOTP({ secret: new Secret({ buffer: Uint8Array.from(key).buffer }), algorithm, digits, period })
    const told = `seed ${seed} round ${round}`
    assert.equal(totp({ secret: key, now: at, algorithm, digits, period }), theirs.generate({ timestamp: at }), told)

    const step = Math.floor(at / 1000 / period)
    const typed = Math.max(0, step + whole(9) - 4)
    const lastStep = whole(3) === 0 ? null : Math.max(0, step + whole(7) - 3)
    const code = theirs.generate({ timestamp: typed * period * 1000 })
    assert.equal(theirs.validate({ token: code, timestamp: at, window }) !== null, verifyTotp({ secret: key, code, now: at, lastStep: null, algorithm, digits, period, window }).granted, told)
    // By chance two steps in reach have the same digits: then the later one counts here, the nearer one there.
    const right = Array.from({ length: 2 * window + 1 }, (_, i) => step - window + i).filter(near => near >= 0 && theirs.generate({ timestamp: near * period * 1000 }) === code).pop()
    const verdict = verifyTotp({ secret: key, code, now: at, lastStep, algorithm, digits, period, window })
    if (right === undefined) assert.deepEqual(verdict, wrong, told)
    else if (lastStep !== null && right <= lastStep) assert.deepEqual(verdict, alreadyUsed, told)
    else assert.deepEqual(verdict, granted(right), told)
    seen[verdict.granted ? 'granted' : verdict.reason]++
  }
  for (const count of Object.values(seen)) assert.ok(count > 300, `seed ${seed}: ${JSON.stringify(seen)}`)
})

test('an independent HMAC has the same code for a time of today', () => {
  const at = Date.UTC(2026, 10, 22, 3, 14, 15)
  const moving = Buffer.alloc(8)
  moving.writeBigUInt64BE(BigInt(Math.floor(at / 30_000)))
  const mac = createHmac('sha1', secret).update(moving).digest()
  assert.equal(totp({ secret, now: at }), String((mac.readUInt32BE(mac[19]! & 15) & 0x7fffffff) % 1e6).padStart(6, '0'))
})

test('options out of range are mistakes', () => {
  for (const window of [-1, 11, 0.5, NaN]) assert.throws(() => tried({ window }), /window is 0 to 10 steps/)
  for (const lastStep of [-1, 0.5, NaN]) assert.throws(() => tried({ lastStep }), /lastStep is a whole number/)
  for (const period of [0, -30, 0.5, NaN]) assert.throws(() => tried({ period }), /period is a whole number from 1/)
  for (const time of [-1, 0.5, NaN, Infinity]) assert.throws(() => tried({ now: time }), /now is a whole number from 0/)
  assert.throws(() => tried({ secret: new Uint8Array(15) }), RangeError)
  assert.throws(() => tried({ digits: 5 }), RangeError)
})
