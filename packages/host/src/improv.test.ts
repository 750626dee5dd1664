import assert from 'node:assert/strict'
import { test } from 'node:test'
import { array, assert as holds, integer, property } from 'fast-check'
import { newImprovService, type ImprovPorts } from './index.ts'
import { commandPacket, readAnswer, type ImprovAnswer } from './improv-client.ts'
import { newImprovReader, SCAN } from './improv-packet.ts'
import { errorPacket, readImprov, resultPacket, statePacket, type ImprovCommand } from './improv.ts'

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex')
const text = (value: string): number[] => [Buffer.byteLength(value), ...Buffer.from(value)]

/** A packet as a page sends it. */
function packet (data: number[], type = 3): number[] {
  const bytes = [...Buffer.from('IMPROV'), 1, type, data.length, ...data]
  return [...bytes, bytes.reduce((sum, byte) => sum + byte, 0) & 0xff]
}
const rpc = (id: number, ...parts: number[][]): number[] => packet([id, parts.flat().length, ...parts.flat()])

function heard (bytes: readonly number[]): ImprovCommand[] {
  let reader = newImprovReader
  const commands: ImprovCommand[] = []
  for (const byte of bytes) {
    const next = readImprov(reader, byte)
    reader = next.reader
    if (next.command !== null) commands.push(next.command)
  }
  return commands
}

test('packets are, byte for byte, what the standard says', () => {
  assert.equal(hex(statePacket('ready')), '494d50524f56010101 02 e2 0a'.replaceAll(' ', ''))
  assert.equal(hex(errorPacket('unableToConnect')), '494d50524f56010201 03 e4 0a'.replaceAll(' ', ''))
  assert.equal(hex(resultPacket(1, ['http://a'])), '494d50524f5601040b 01 09 08 687474703a2f2f61'.replaceAll(' ', '') + hex(Uint8Array.of(packet([1, 9, ...text('http://a')], 4).at(-1)!, 0x0a)))
})

test('what does not fit into a packet is left out', () => {
  const bytes = resultPacket(SCAN, ['a'.repeat(200), 'b'.repeat(60), 'c'])
  assert.equal(bytes[8], 2 + 201 + 2)
})

test('commands are read between the lines of a log', () => {
  assert.deepEqual(heard([...Buffer.from('IM boot IIMPROV? ok\n'), ...rpc(1, text('Büro'), text('geheim 1')), ...Buffer.from('\nlog\n'), ...rpc(2), ...rpc(3), ...rpc(4), ...rpc(0xc0, text('https://keys.lan:8443'), text('AB:CD'))]), [
    { is: 'network', ssid: 'Büro', password: 'geheim 1' }, { is: 'state' }, { is: 'about' }, { is: 'scan' }, { is: 'server', url: 'https://keys.lan:8443', fingerprint: 'AB:CD' }
  ])
  assert.deepEqual(heard(rpc(1, text('open'), [0])), [{ is: 'network', ssid: 'open', password: '' }])
  assert.deepEqual(heard(rpc(0x77)), [{ is: 'unknown', id: 0x77 }])
})

test('damaged packets are told, those of the other direction are passed over', () => {
  const broken = rpc(2)
  broken[broken.length - 1]! ^= 1
  assert.deepEqual(heard(broken), [{ is: 'invalid' }])
  assert.deepEqual(heard(packet([2], 1)), [])
  for (const wrong of [
    packet([]), packet([1, 9, 1]), rpc(1, [3, 65]), rpc(1, text(''), text('x')), rpc(1, text('a'.repeat(33)), text('')), rpc(1, text('a'), text('b'.repeat(65))), rpc(1, text('a'), text('b'), text('c')),
    rpc(1, [1, 0xff], text('b')), rpc(0xc0, text('')), rpc(0xc0, [5]), rpc(0xc0, text('u'), text('f'), text('x')), rpc(1)
  ]) assert.deepEqual(heard(wrong).map((one) => one.is === 'unknown' ? 'invalid' : one.is), ['invalid'], wrong.join())
})

test('no noise on the line makes more than errors, and the next packet is read again', () => {
  holds(property(array(integer({ min: 0, max: 255 }), { maxLength: 600 }), (noise) => {
    // Longer than any packet: one that the noise began is over by then.
    const silence = Array.from({ length: 300 }, () => 0)
    assert.deepEqual(heard([...noise, ...silence, ...rpc(2)]).at(-1), { is: 'state' })
  }), { verbose: true })
})

function service (more: Partial<ImprovPorts> = {}) {
  const sent: string[] = []
  const joins: { ssid: string, done: (isUp: boolean) => void }[] = []
  let url = ''
  const box = newImprovService({
    send: (bytes) => { sent.push(`${bytes[7]}:${Buffer.from(bytes.slice(9, -2)).toString('latin1')}`) },
    about: ['Oncekey', '1', 'ESP32', 'Door'],
    next: () => url,
    join: (ssid, _password, done) => { joins.push({ ssid, done }) },
    server: (next) => { url = next },
    scan: (done) => done([{ ssid: 'lan', dBm: -60, isLocked: true }, { ssid: 'guest', dBm: -70, isLocked: false }]),
    ...more
  })
  const say = (bytes: number[]): string[] => {
    sent.length = 0
    for (const byte of bytes) box.read(byte)
    return sent
  }
  return { say, joins, sent }
}

test('a page asks what this is, what it hears, and how it stands', () => {
  const { say } = service()
  assert.deepEqual(say(rpc(3)), ['4:\x03\x15\x07Oncekey\x011\x05ESP32\x04Door'])
  assert.deepEqual(say(rpc(4)), ['4:\x04\x0c\x03lan\x03-60\x03YES', '4:\x04\x0d\x05guest\x03-70\x02NO', '4:\x04\x00'])
  assert.deepEqual(say(rpc(2)), ['1:\x02'])
  assert.deepEqual(say(rpc(9)), ['2:\x02'])
  assert.deepEqual(say(packet([])), ['2:\x01'])
})

test('a network is joined; one that fails can be given again, and a second one meanwhile is not heard', () => {
  const { say, joins, sent } = service()
  assert.deepEqual(say(rpc(0xc0, text('http://keys'), text(''))), ['4:\xc0\x0c\x0bhttp://keys'])
  assert.deepEqual(say(rpc(1, text('lan'), text('wrong'))), ['2:\x00', '1:\x03'])
  assert.deepEqual(say(rpc(1, text('other'), text(''))), [])
  joins[0]!.done(false)
  assert.deepEqual(sent, ['2:\x03', '1:\x02'])
  say(rpc(1, text('lan'), text('right')))
  sent.length = 0
  joins[1]!.done(true)
  assert.deepEqual(sent, ['1:\x04', '4:\x01\x0c\x0bhttp://keys'])
  assert.deepEqual(say(rpc(2)), ['1:\x04', '4:\x02\x0c\x0bhttp://keys'])
  assert.deepEqual(joins.map(({ ssid }) => ssid), ['lan', 'lan'])
})

test('without a server there is nowhere to go on', () => {
  const { say, joins, sent } = service()
  say(rpc(1, text('lan'), text('right')))
  sent.length = 0
  joins[0]!.done(true)
  assert.deepEqual(sent, ['1:\x04', '4:\x01\x00'])
})

test('what a page sends is what a box reads, and the other way round', () => {
  assert.deepEqual(heard([...commandPacket(1, [Buffer.from('Büro'), Buffer.from('geheim 1')]), ...commandPacket(0xc0, [Buffer.from('https://keys.lan'), []]), ...commandPacket(4, [])]), [
    { is: 'network', ssid: 'Büro', password: 'geheim 1' }, { is: 'server', url: 'https://keys.lan', fingerprint: '' }, { is: 'scan' }
  ])
  assert.deepEqual(answers([...Buffer.from('boot: ok\n'), ...statePacket('provisioned'), ...errorPacket('unableToConnect'), ...resultPacket(3, ['Oncekey', '1', 'ESP32', 'Tür']), ...resultPacket(4, [])]), [
    { is: 'state', state: 'provisioned' }, { is: 'error', error: 'unableToConnect' }, { is: 'result', command: 3, texts: ['Oncekey', '1', 'ESP32', 'Tür'] }, { is: 'result', command: 4, texts: [] }
  ])
})

test('a page passes over what is damaged, no answer, or not of this standard', () => {
  const broken = [...statePacket('ready')]
  broken[9]! ^= 1
  assert.deepEqual(answers([...broken, ...packet([9], 1), ...packet([1, 9, 1], 4), ...packet([1, 2, 1, 0xff], 4), ...packet([], 4), ...packet([1, 0], 3)]), [])
  assert.deepEqual(answers(packet([0x80], 2)), [{ is: 'error', error: 'other' }])
})

function answers (bytes: readonly number[]): ImprovAnswer[] {
  let reader = newImprovReader
  const found: ImprovAnswer[] = []
  for (const byte of bytes) {
    const next = readAnswer(reader, byte)
    reader = next.reader
    if (next.answer !== null) found.push(next.answer)
  }
  return found
}
