import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Problem } from '../platform/problems.ts'
import { phoneOf } from './phone.ts'

/** The field that is named, and what it needs. */
function refusal (text: string, country?: string): string {
  try {
    return `${phoneOf(text, country).e164} was taken`
  } catch (error) {
    assert.ok(error instanceof Problem && error.code === 'badRequest', String(error))
    const [first] = error.more.errors ?? []
    return `${first?.field ?? ''}: ${typeof first?.needs === 'string' ? first.needs : first?.needs?.en ?? ''}`
  }
}

test('numbers as people write them at home, in a dozen countries', () => {
  const written: [text: string, country: string, e164: string][] = [
    ['0151 23456789', 'DE', '+4915123456789'], ['0151/234 567-89', 'DE', '+4915123456789'], ['0049 151 23456789', 'DE', '+4915123456789'],
    ['07400 123456', 'GB', '+447400123456'], ['(07400) 123 456', 'GB', '+447400123456'], ['06 12 34 56 78', 'FR', '+33612345678'],
    ['612 34 56 78', 'ES', '+34612345678'], ['(201) 555-0123', 'US', '+12015550123'], ['1-201-555-0123', 'US', '+12015550123'], ['201.555.0123', 'us', '+12015550123'],
    ['098765 43210', 'IN', '+919876543210'], ['०९८७६५ ४३२१०', 'IN', '+919876543210'], ['٠١٠٠١٢٣٤٥٦٧', 'EG', '+201001234567'], ['۰۹۱۲ ۳۴۵ ۶۷۸۹', 'IR', '+989123456789'],
    ['8 912 345-67-89', 'RU', '+79123456789'], ['011 15 2345-6789', 'AR', '+5491123456789'], ['(11) 91234-5678', 'BR', '+5511912345678'], ['0 15 11 91234 5678', 'BR', '+5511912345678'],
    ['06 1234567', 'IT', '+39061234567'], ['090-1234-5678', 'JP', '+819012345678'], ['０９０−１２３４−５６７８', 'JP', '+819012345678'], ['55 1234 5678', 'MX', '+525512345678']
  ]
  assert.deepEqual(written.map(([text, country]) => { try { return [text, country, phoneOf(text, country).e164] } catch { return [text, country, 'refused'] } }), written)
})

test('one number has one form, however it is written and whatever country stands beside it', () => {
  const spellings = ['+4915123456789', '+49 151 23456789', '+49 (0) 151 23456789', '+49-151-234-567-89', '+49.151.23456789', '＋４９ １５１ ２３４５６７８９', '\u202a+49 151 23456789\u202c', '+49\u00a0151\u00a023456789', '+49\u2011151\u201123456789', ' +49 151\u200b23456789 ', '+٤٩١٥١٢٣٤٥٦٧٨٩']
  for (const text of spellings) for (const country of [undefined, 'DE', 'US']) assert.deepEqual(phoneOf(text, country), { e164: '+4915123456789', country: 'DE', prefix: '+491512345', type: 'mobile' }, JSON.stringify(text))
})

test('what a number is for, where it belongs and its neighbours', () => {
  assert.deepEqual(phoneOf('+1 900 555 0123'), { e164: '+19005550123', country: 'US', prefix: '+1900555', type: 'premiumRate' })
  assert.deepEqual(phoneOf('+49 180 5 123456').type, 'sharedCost')
  assert.deepEqual(phoneOf('+800 1234 5678'), { e164: '+80012345678', country: null, prefix: '+8001234', type: 'tollFree' })
  assert.deepEqual(phoneOf('+290 51234'), { e164: '+29051234', country: 'SH', prefix: '+2905', type: 'mobile' })
  assert.deepEqual(phoneOf('+683 4002'), { e164: '+6834002', country: 'NU', prefix: '+683', type: 'fixedLine' })
  assert.equal(phoneOf('+1 204 234 5678').country, 'CA', 'one calling code, many countries')
})

test('what is no number is refused, and told what it needs', () => {
  for (const text of ['', '+', 'ana', '0151 23456789', '0049 151 23456789', '4915123456789', '++4915123456789', '+49151+23456789', 'tel:+4915123456789', '+1 800 FLOWERS', '+4915123456789 x5', '+4915123456789;ext=5', '+4915123456789#', '*100#', 'call +4915123456789', '+4915123456789\n+4915123456780', '+4915123456789\u0000', '+999 123 456 78', '+৪৯১৫১', '9'.repeat(100_000), `+${'\u200b'.repeat(1000)}4915123456789`, `+49${' '.repeat(50)}15123456789`]) {
    assert.match(refusal(text), /^to: an e-mail address, or a phone number with \+/, JSON.stringify(text.slice(0, 50)))
  }
  assert.match(refusal('12', 'FR'), /^to: a (phone number with \+ .* as it is written in FR|number that can be called)/)
  for (const [text, country] of [['110', 'DE'], ['112', 'FR'], ['911', 'US'], ['+49 151 234567890123', undefined], ['+49 151 234', undefined], ['+1 201 055 0123', undefined], ['+52 1 55 1234 5678', undefined], ['0151 23456789', 'FR']] as const) {
    assert.match(refusal(text, country), /^to: a number that can be called/, text)
  }
  for (const country of ['XX', 'D', 'DEU', 'Germany', '', '../', '49', '__proto__']) assert.match(refusal('0151 23456789', country), /^country: a country by its two letters/, country)
})
