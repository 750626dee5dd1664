import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import type { TSchema } from 'typebox'
import { Compile } from 'typebox/compile'
import * as messages from '../messages/index.ts'
import * as schemas from './messages.ts'

/** The long run (`npm run test:full`) tries so many times as much. */
const times = process.env['ONCEKEY_TEST_SIZE'] === 'full' ? 50 : 1

type Same<A, B> = [A] extends [B] ? [B] extends [A] ? true : never : never

/** Each body: its schema, its parser, and the compiler's word that both speak of one type. */
const bodies: { name: string, schema: TSchema, parse: (body: string) => object | null, sameType: true }[] = [
  { name: 'hello', schema: schemas.HelloBody, parse: messages.parseHello, sameType: true satisfies Same<schemas.HelloBody, messages.Hello> },
  { name: 'state', schema: schemas.StateBody, parse: messages.parseState, sameType: true satisfies Same<schemas.StateBody, messages.State> },
  { name: 'events', schema: schemas.EventsBody, parse: messages.parseEvents, sameType: true satisfies Same<schemas.EventsBody, messages.Events> },
  { name: 'record', schema: schemas.RecordBody, parse: messages.parseEventRecord, sameType: true satisfies Same<schemas.RecordBody, messages.EventRecord> },
  { name: 'request', schema: schemas.RequestBody, parse: messages.parseRequest, sameType: true satisfies Same<schemas.RequestBody, messages.Request> },
  { name: 'result', schema: schemas.ResultBody, parse: messages.parseResult, sameType: true satisfies Same<schemas.ResultBody, messages.Result> },
  { name: 'time question', schema: schemas.TimeQuestionBody, parse: messages.parseTimeQuestion, sameType: true satisfies Same<schemas.TimeQuestionBody, messages.TimeQuestion> },
  { name: 'health', schema: schemas.HealthBody, parse: messages.parseHealth, sameType: true satisfies Same<schemas.HealthBody, messages.Health> },
  { name: 'welcome', schema: schemas.WelcomeBody, parse: messages.parseWelcome, sameType: true satisfies Same<schemas.WelcomeBody, messages.Welcome> },
  { name: 'ack', schema: schemas.AckBody, parse: messages.parseAck, sameType: true satisfies Same<schemas.AckBody, messages.Ack> },
  { name: 'answer', schema: schemas.AnswerBody, parse: messages.parseAnswer, sameType: true satisfies Same<schemas.AnswerBody, messages.Answer> },
  { name: 'command', schema: schemas.CommandBody, parse: messages.parseCommand, sameType: true satisfies Same<schemas.CommandBody, messages.Command> },
  { name: 'settings', schema: schemas.SettingsBody, parse: messages.parseSettings, sameType: true satisfies Same<schemas.SettingsBody, messages.Settings> },
  { name: 'pins', schema: schemas.PinsBody, parse: messages.parsePins, sameType: true satisfies Same<schemas.PinsBody, messages.Pins> },
  { name: 'update', schema: schemas.UpdateBody, parse: messages.parseUpdate, sameType: true satisfies Same<schemas.UpdateBody, messages.Update> },
  { name: 'time answer', schema: schemas.TimeAnswerBody, parse: messages.parseTimeAnswer, sameType: true satisfies Same<schemas.TimeAnswerBody, messages.TimeAnswer> }
]

const seed = Number(process.env['SEED'] ?? Math.floor(Math.random() * 2 ** 31))

test(`schema and parser accept and refuse the same bodies (SEED=${seed})`, async (t) => {
  for (const { name, schema, parse } of bodies) {
    await t.test(name, () => {
      const check = Compile(schema)
      const shape: Shape = JSON.parse(JSON.stringify(schema))
      const seen = { accepted: 0, refused: 0 }
      fc.assert(fc.property(valid(shape), fc.infiniteStream(fc.nat()), fc.nat(3), (body, dice, changes) => {
        const bent = bend(body, changes, dice)
        const text = JSON.stringify(bent)
        const parsed = parse(text)
        assert.equal(parsed !== null, check.Check(JSON.parse(text)), text)
        if (parsed === null) seen.refused++
        else {
          seen.accepted++
          assert.deepEqual(parsed, parse(JSON.stringify(parsed)), 'a parsed body is a body')
          if (changes === 0) assert.deepEqual(parsed, JSON.parse(text, (key, value) => key === 'later' ? undefined : value), 'nothing is lost')
        }
      }), { seed, numRuns: 600 * times })
      // Both verdicts have to occur, else the agreement says nothing.
      assert.ok(seen.accepted > 100 && seen.refused > 100, JSON.stringify(seen))
    })
  }
})

test('they agree at each limit of each field, and one beyond it', () => {
  let tried = 0
  for (const { name, schema, parse } of bodies) {
    const check = Compile(schema)
    const shape: Shape = JSON.parse(JSON.stringify(schema))
    for (const variant of shape.anyOf ?? [shape]) {
      const plain = JSON.stringify(sample(variant))
      assert.ok(parse(plain) !== null && check.Check(JSON.parse(plain)), plain)
      for (const [path, value] of limits(variant)) {
        const body: unknown = JSON.parse(plain)
        const places: Place[] = []
        collect(body, places)
        const place = places.find((one) => one.path === path)
        assert.ok(place, path)
        place.put(value)
        assert.equal(parse(JSON.stringify(body)) !== null, check.Check(body), `${name}${path} = ${JSON.stringify(value)}`)
        tried++
      }
    }
  }
  assert.ok(tried > 400, String(tried))
})

/** The plainest body of a shape; every list has one item. */
function sample (shape: Shape): unknown {
  if ('const' in shape) return shape.const
  if (shape.enum) return shape.enum[0]
  if (shape.type === 'integer') return shape.minimum
  if (shape.type === 'boolean') return true
  if (shape.type === 'string') return shape.pattern === undefined ? 'x'.repeat(Math.max(1, shape.minLength ?? 0)) : isVersion(shape.pattern) ? '1.0.0' : 'A'.repeat(charactersIn(shape.pattern))
  if (shape.type === 'array') return [sample(shape.items ?? {})]
  return Object.fromEntries(Object.entries(shape.properties ?? {}).map(([name, field]) => [name, sample(field)]))
}

/** Each place within a shape with the values around its limits. */
function * limits (shape: Shape, path = ''): Generator<[path: string, value: unknown]> {
  const { minimum = NaN, maximum = NaN, minLength = 0, maxLength = NaN, minItems = 0, maxItems = NaN, items = {} } = shape
  const around = (least: number, most: number): number[] => [least - 1, least, most, most + 1].filter((size) => size >= 0)
  if (shape.type === 'integer') for (const value of [minimum - 1, minimum, maximum, maximum + 1]) yield [path, value]
  else if (shape.type === 'string' && shape.pattern === undefined) for (const size of around(minLength, maxLength)) yield [path, 'x'.repeat(size)]
  else if (shape.type === 'array') {
    for (const size of around(minItems, maxItems)) yield [path, Array.from({ length: size }, () => sample(items))]
    yield * limits(items, path + '/0')
  }
  for (const [name, field] of Object.entries(shape.properties ?? {})) yield * limits(field, path + '/' + name)
}

/** As much of JSON Schema as our bodies use. */
type Shape = {
  const?: unknown, enum?: unknown[], anyOf?: Shape[], type?: string, pattern?: string, minimum?: number, maximum?: number, minLength?: number,
  maxLength?: number, minItems?: number, maxItems?: number, items?: Shape, properties?: Record<string, Shape>
}

function isVersion (pattern: string): boolean {
  return pattern.includes('\\.')
}

/** How many characters the pattern of some bytes has: all but the last are counted in it. */
function charactersIn (pattern: string): number {
  return Number(/\{(\d+)\}/.exec(pattern)?.[1]) + 1
}

/** Values that a schema accepts, boundaries first, with a field it does not know now and then. */
function valid (shape: Shape): fc.Arbitrary<unknown> {
  if ('const' in shape) return fc.constant(shape.const)
  if (shape.enum) return fc.constantFrom(...shape.enum)
  if (shape.anyOf) return fc.oneof(...shape.anyOf.map(valid))
  if (shape.type === 'boolean') return fc.boolean()
  if (shape.type === 'integer') {
    const { minimum: min = NaN, maximum: max = NaN } = shape
    return fc.oneof(fc.constantFrom(min, max, min + 1), fc.integer({ min, max }))
  }
  if (shape.type === 'string' && shape.pattern !== undefined) {
    if (isVersion(shape.pattern)) return fc.tuple(...[0, 1, 2].map(() => fc.oneof(fc.constantFrom(0, 99_999), fc.integer({ min: 0, max: 99_999 })))).map((parts) => parts.join('.'))
    const length = Math.floor(charactersIn(shape.pattern) * 3 / 4)
    const bytes = fc.uint8Array({ minLength: length, maxLength: length }).map((sixteen) => Buffer.from(sixteen).toString('base64url'))
    return new RegExp(shape.pattern).test('') ? fc.oneof(bytes, fc.constant('')) : bytes
  }
  if (shape.type === 'string') {
    const { minLength = 0, maxLength = NaN } = shape
    const lengths = { minLength, maxLength }
    return fc.oneof(fc.string({ ...lengths, unit: 'binary' }), fc.string({ ...lengths, unit: 'binary-ascii' }), fc.constant('𝒳'.repeat(maxLength)))
  }
  if (shape.type === 'array') {
    const { minItems = 0, maxItems = NaN } = shape
    const item = valid(shape.items ?? {})
    return fc.oneof({ weight: 9, arbitrary: fc.array(item, { minLength: minItems, maxLength: Math.min(maxItems, 6) }) },
      { weight: 1, arbitrary: item.map((one) => Array.from({ length: maxItems }, () => one)) })
  }
  assert.equal(shape.type, 'object', JSON.stringify(shape))
  const fields = Object.fromEntries(Object.entries(shape.properties ?? {}).map(([name, field]) => [name, valid(field)]))
  return fc.tuple(fc.record(fields), fc.option(fc.jsonValue())).map(([known, later]) => later === null ? known : { ...known, later })
}

const odd: unknown[] = [null, true, false, '', '0', 'verify', 'unlock', 'A'.repeat(22), 'A'.repeat(21) + 'B', 'A'.repeat(43), '=', '𝒳'.repeat(65), '\ud800', -1, -0, 0, 0.5, 1, 2, 97,
  1001, 2147483648, 8.64e15 + 1, 1e300, [], [[]], [null], ['x'], {}, { lock: 1 }, { toString: 1 }]

/** A body with so many places changed: removed, replaced by something odd, made longer, cut, or moved by one. */
function bend (body: unknown, changes: number, dice: fc.Stream<number>): unknown {
  const copy: unknown = JSON.parse(JSON.stringify(body))
  for (let i = 0; i < changes; i++) {
    const places: Place[] = []
    collect(copy, places)
    const [which = 0, how = 0, what = 0] = [...dice.take(3)]
    const place = places[which % places.length]
    if (place === undefined) return copy
    if (how % 5 === 0) place.remove()
    else if (how % 5 < 3) place.put(structuredClone(odd[what % odd.length]))
    else place.put(how % 5 === 3 ? more(place.value) : less(place.value))
  }
  return copy
}

type Place = { path: string, value: unknown, put: (value: unknown) => void, remove: () => void }

function collect (value: unknown, places: Place[], path = ''): void {
  if (typeof value !== 'object' || value === null) return
  const holder = value
  for (const [key, child] of Object.entries(holder)) {
    places.push({
      path: path + '/' + key,
      value: child,
      put: (other) => { Reflect.set(holder, key, other) },
      remove: () => { if (Array.isArray(holder)) holder.splice(Number(key), 1); else Reflect.deleteProperty(holder, key) }
    })
    collect(child, places, path + '/' + key)
  }
}

function more (value: unknown): unknown {
  if (typeof value === 'string') return value + 'A'
  if (typeof value === 'number') return value + 1
  return Array.isArray(value) ? [...value, ...value] : { extra: value }
}

function less (value: unknown): unknown {
  if (typeof value === 'string') return value.slice(1)
  if (typeof value === 'number') return value - 1
  return Array.isArray(value) ? value.slice(1) : [value]
}
