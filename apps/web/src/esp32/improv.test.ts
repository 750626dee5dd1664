import assert from 'node:assert/strict'
import { test } from 'node:test'
import { newImprovService, type ImprovPorts } from '@oncekey/host'
import { improvClient } from './improv.ts'

const times = { greet: 60, greetEach: 10, answer: 60, scan: 60, join: 60 }

/** A page and the very program of a box, on one line. `bend` may change what the page sends. */
function together (box: Partial<ImprovPorts> = {}, bend: (bytes: Uint8Array) => Uint8Array = (bytes) => bytes) {
  const heard: string[] = []
  const page = improvClient((bytes) => {
    for (const byte of bend(bytes)) service.read(byte)
    return Promise.resolve()
  }, times)
  const service = newImprovService({
    // Not before the question has left.
    send: (bytes) => { queueMicrotask(() => { page.read(new Uint8Array([...Buffer.from('I (312) log\n'), ...bytes])) }) },
    about: ['Oncekey', '0.1.0', 'ESP32', 'aa:bb'], next: () => '',
    scan: (done) => { done([{ ssid: 'far', dBm: -80, isLocked: false }, { ssid: 'lan', dBm: -50, isLocked: true }]) },
    server: (url, fingerprint) => { heard.push(`${url} ${fingerprint}`) },
    join: (ssid, password, done) => {
      heard.push(`${ssid} ${password}`)
      done(password === 'right')
    },
    ...box
  })
  return { page, heard }
}

test('a box says what it is and what it hears, takes its server and its network', async () => {
  const { page, heard } = together()
  assert.deepEqual(await page.greet(), { firmware: 'Oncekey', version: '0.1.0', chip: 'ESP32', name: 'aa:bb' })
  assert.deepEqual(await page.scan(), [{ ssid: 'lan', dBm: -50, isLocked: true }, { ssid: 'far', dBm: -80, isLocked: false }])
  await page.server('https://keys.lan:8443', 'AB:CD')
  await page.join('lan', 'right')
  assert.deepEqual(heard, ['https://keys.lan:8443 AB:CD', 'lan right'])
})

test('a wrong password is told as such, and the next one is tried', async () => {
  const { page } = together()
  await assert.rejects(page.join('lan', 'wrong'), { fault: 'notJoined' })
  await page.join('lan', 'right')
})

test('who says nothing, or does not know our command, is told apart', async () => {
  await assert.rejects(together({}, () => new Uint8Array()).page.greet(), { fault: 'silent' })
  await assert.rejects(together({ join () {} }).page.join('lan', 'right'), { fault: 'silent' })
  // The command for the server as another program takes it: a number that it does not know.
  const other = together({}, (bytes) => {
    const bent = bytes.slice()
    if (bent[9] === 0xc0) {
      bent[9] = 0x77
      bent[bent.length - 2] = bent.slice(0, -2).reduce((sum, byte) => sum + byte, 0)
    }
    return bent
  })
  await assert.rejects(other.page.server('https://keys.lan', ''), { fault: 'other' })
})

test('whoever waits hears at once that the cable was pulled', async () => {
  const { page } = together({ scan () {} })
  const scanned = page.scan()
  page.lost()
  await assert.rejects(scanned, { fault: 'lost' })
})

test('a question that was damaged on the way is asked once more', async () => {
  let bent = 0
  const { page, heard } = together({}, (bytes) => {
    if (bent++ > 0) return bytes
    const broken = bytes.slice()
    broken[10]! ^= 1
    return broken
  })
  await page.server('https://keys.lan', '')
  assert.deepEqual(heard, ['https://keys.lan '])
})
