import assert from 'node:assert/strict'
import { test } from 'node:test'
import { inGsm, smsSize } from './gsm.ts'

test('one SMS holds 160 signs of its alphabet, or 70 of others; in parts each holds seven, or three, fewer', () => {
  const sizes: [text: string, alphabet: string, characters: number, segments: number][] = [
    ['', 'gsm7', 0, 1], ['a'.repeat(160), 'gsm7', 160, 1], ['a'.repeat(161), 'gsm7', 161, 2], ['a'.repeat(306), 'gsm7', 306, 2], ['a'.repeat(307), 'gsm7', 307, 3], ['a'.repeat(459), 'gsm7', 459, 3], ['a'.repeat(460), 'gsm7', 460, 4],
    ['€'.repeat(80), 'gsm7', 160, 1], ['€'.repeat(80) + 'a', 'gsm7', 161, 2], ['äöüßÄÖÜñÑèéùìòÇØøÅåΔΩ¡¿§£¥¤Æ', 'gsm7', 28, 1], ['{}[]~\\|^€\f', 'gsm7', 20, 1],
    ['я'.repeat(70), 'ucs2', 70, 1], ['я'.repeat(71), 'ucs2', 71, 2], ['я'.repeat(134), 'ucs2', 134, 2], ['я'.repeat(135), 'ucs2', 135, 3],
    ['🔑'.repeat(35), 'ucs2', 70, 1], ['🔑'.repeat(36), 'ucs2', 72, 2], ['a'.repeat(69) + 'ş', 'ucs2', 70, 1], ['ç', 'ucs2', 1, 1], ['á', 'ucs2', 1, 1], ['`', 'ucs2', 1, 1], ['’', 'ucs2', 1, 1]
  ]
  assert.deepEqual(sizes.map(([text]) => [text, ...Object.values(smsSize(text))]), sizes)
})

test('a sign of two is not torn apart at the end of a part', () => {
  // 152 and a pair of two: 153 septets hold one sign less, and so does each part.
  assert.equal(smsSize('a'.repeat(152) + '€' + 'a'.repeat(151)).segments, 2)
  assert.equal(smsSize('a'.repeat(152) + '€' + 'a'.repeat(152)).segments, 3)
  assert.equal(smsSize('я'.repeat(66) + '🔑' + 'я'.repeat(65)).segments, 2)
  assert.equal(smsSize('я'.repeat(66) + '🔑' + 'я'.repeat(66)).segments, 3)
})

test('names in the alphabet of SMS, as far as they read the same', () => {
  for (const [name, is] of [['Łódź', 'Lodz'], ['Café', 'Café'], ['Été', 'Été'], ['Straße', 'Straße'], ['Çağrı', 'Çagri'], ['São João', 'Sao Joao'], ['Sauna – Süd…', 'Sauna - Süd...'], ['„Am See“', '"Am See"'], ['Москва', 'Москва'], ['健身房', '健身房'], ['A\u0308rzte', 'Ärzte'], ['🔑 Keys', '🔑 Keys'], ['L’Hôtel', "L'Hotel"]] as const) assert.equal(inGsm(name), is, name)
})
