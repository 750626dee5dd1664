import { fromBase64url, toBase64url, toHex } from '@oncekey/otp/bytes'
import { pinVerifier } from '@oncekey/otp/offline'
import { brokerPassword, deriveKey, downloadToken, linkKeys, recordHash, seal, sealEntry, sessionOf, type KeyLabel } from '../messages/index.ts'
import { downTopic, upTopic, type Address, type DownName, type UpName } from '../topics.ts'

// The golden vectors: one full trip from fixed inputs. `fixtures/*.json` is what this gives, written down once;
// tests of both ends read the files, so that a change here that forgets the other end is found.

export const root = Uint8Array.from({ length: 32 }, (_, i) => i)
export const address: Address = { site: 'site-1', controller: 'controller-1' }
const epoch = toBase64url(Uint8Array.from({ length: 16 }, (_, i) => 0x40 + i))
const nonce = toBase64url(Uint8Array.from({ length: 16 }, (_, i) => 0xf0 + i))
const session = sessionOf(epoch, nonce) ?? ''
const keys = linkKeys(root, 1)
const offlineKey = deriveKey(root, 'offline', 1)
const now = 1_767_225_600_000 // 2026-01-01T00:00:00Z

export type GoldenMessage = { about: string, topic: string, key: 'mac-up' | 'mac-down', qos: 0 | 1, retain: boolean, body: string, payload: string }
export type Golden = Record<'keys' | 'entries' | 'records' | 'trip' | 'refused', object>

export function golden (): Golden {
  return { keys: goldenKeys(), entries: goldenEntries(), records: { note: 'hash = base64url of the first 16 bytes of SHA-256 of the UTF-8 text; the next record carries it as prev', records: chain() }, trip: trip(), refused: refused() }
}

function goldenKeys (): object {
  const labels: KeyLabel[] = ['mac-up', 'mac-down', 'enc-up', 'offline', 'broker', 'update']
  return {
    note: 'derived = HMAC-SHA-256(root, label "|" version), hex; brokerPassword = base64url of the derived key "broker"; downloadToken = base64url of HMAC-SHA-256(derived key "update", "7"), for offer 7; session = base64url(epoch bytes, nonce bytes)',
    root: toHex(root),
    versions: [1, 2].map((version) => ({
      version,
      derived: Object.fromEntries(labels.map((label) => [label, toHex(deriveKey(root, label, version))])),
      brokerPassword: brokerPassword(root, version),
      downloadToken: downloadToken(root, version, 7)
    })),
    session: { epoch, nonce, session }
  }
}

function goldenEntries (): object {
  const typed = ['7', '0000', '483920', '123456789', '999999999999']
  return {
    note: 'entry = base64url of (length, ASCII digits, zeros to 16 bytes) XOR the first 16 bytes of HMAC-SHA-256(enc-up, session "|" n)',
    encUp: toHex(keys.encUp),
    session,
    entries: typed.map((digits, i) => ({ n: i + 1, digits, entry: sealEntry(keys.encUp, session, i + 1, digits) }))
  }
}

function chain (): { text: string, hash: string }[] {
  const facts = [
    { type: 'controller.booted', reset: 'powerOn' },
    { type: 'lock.actuated', lock: 7, mode: 'unlock', source: 'keypad', ref: 'b00t-1', lockState: 'unlocked' },
    { type: 'door.changed', lock: 7, doorState: 'open' },
    { type: 'keypad.lockedOut', lockoutMs: 120_000 },
    { type: 'lock.jammed', lock: 7, mode: 'lock', source: 'auto', ref: '' },
    { type: 'records.overwritten', first: 1, last: 2 },
    { type: 'update.ended', offer: 7, outcome: 'wentBack' },
    { type: 'door.changed', lock: 7, doorState: 'forcedOpen' },
    { type: 'door.changed', lock: 7, doorState: 'closed', ended: 'forcedOpen' },
    { type: 'battery.changed', level: 'low', millivolts: 3450 },
    { type: 'controller.wiped' }
  ]
  let prev = ''
  return facts.map((fact, i) => {
    const text = JSON.stringify({ seq: i + 1, bootId: 'b00t', time: i === 0 ? 0 : now + i * 1000, trust: i === 0 ? 'none' : 'synced', prev, ...fact })
    prev = recordHash(text)
    return { text, hash: prev }
  })
}

function trip (): { note: string, root: string, version: number, address: Address, epoch: string, nonce: string, session: string, messages: GoldenMessage[] } {
  const records = chain()
  return {
    note: 'payload = base64url of the first 16 bytes of HMAC-SHA-256(key, topic LF body) "." body; messages are in the order in which they travel',
    root: toHex(root), version: 1, address, epoch, nonce, session,
    messages: [
      up('hello', 'opens the connection', {
        v: 1, firmware: '0.1.0', hardware: 'golden', locks: 12, abilities: ['keypad', 'display'], bootId: 'b00t', reset: 'powerOn', epoch, settingsVersion: 0,
        events: { first: 1, last: 2, head: records[1]?.hash }, clock: { trust: 'none', errorMs: 0 }
      }),
      down('welcome', 'answers the hello: the session exists', { epoch, nonce, time: now, lockoutMs: 0, acked: 0 }),
      down('settings', 'desired state, retained; name beyond ASCII', {
        version: 1, name: 'Lobby – Süd', language: 'en', utcOffsetMinutes: 60, wrongCodeEntryLimit: 3, lockoutMs: 120_000, autoRelockMs: 5000,
        locks: [{ lock: 1, label: 'A01', kind: 'compartment' }, { lock: 7, label: 'A07', kind: 'compartment' }]
      }),
      up('state', 'measured after the welcome', { s: session, n: 1, mode: 'ready', locks: [{ lock: 1, lockState: 'locked', doorState: 'closed' }, { lock: 7, lockState: 'unknown', doorState: 'unknown' }], millivolts: 0, lockoutMs: 0 }),
      up('event', 'the records that the server has not got', { s: session, n: 2, records: records.slice(0, 2).map((one) => one.text) }),
      down('ack', 'both records are safe', { s: session, n: 1, seq: 2 }),
      up('request', 'a code was typed', { s: session, n: 3, id: 'b00t-2', kind: 'verify', entry: sealEntry(keys.encUp, session, 3, '483920'), lock: 0 }),
      down('answer', 'granted', { s: session, n: 2, id: 'b00t-2', kind: 'verify', granted: true, lock: 7, mode: 'unlock' }),
      up('request', 'another code was typed', { s: session, n: 4, id: 'b00t-3', kind: 'verify', entry: sealEntry(keys.encUp, session, 4, '000000'), lock: 0 }),
      down('answer', 'refused, two tries left', { s: session, n: 3, id: 'b00t-3', kind: 'verify', granted: false, triesLeft: 2, lockoutMs: 0 }),
      down('command', 'remote unlock', { s: session, n: 4, id: '0190a000-0000-7000-8000-000000000001', expires: now + 10_000, op: 'unlock', lock: 7 }),
      up('result', 'the bolt was measured', { s: session, n: 5, id: '0190a000-0000-7000-8000-000000000001', status: 'succeeded', measured: 'unlocked' }),
      down('command', 'an operator ends the lockout', { s: session, n: 5, id: '0190a000-0000-7000-8000-000000000002', expires: now + 20_000, op: 'clearLockout' }),
      up('time', 'what time is it', { s: session, n: 6, t1: 5000 }),
      down('time', 'received at t2, answered at t3', { s: session, n: 6, t1: 5000, t2: now + 5020, t3: now + 5021 }),
      up('health', 'once a minute', { s: session, n: 7, uptimeMs: 60_000, freeBytes: 120_000, queued: 0 }),
      down('update', 'an image is offered; signed with the Ed25519 key whose secret is the bytes 0 to 31', { offer: 7, op: 'install', ...goldenImage }),
      down('update', 'the offer is taken back', { offer: 8, op: 'nothing' }),
      up('health', 'with what else is measured', { s: session, n: 8, uptimeMs: 120_000, freeBytes: 120_000, queued: 0, rssi: -61, celsius: 31 }),
      down('settings', 'the next version, with all that is optional', {
        version: 2, name: 'Lobby', language: 'de', utcOffsetMinutes: 60, wrongCodeEntryLimit: 3, lockoutMs: 120_000, autoRelockMs: 5000,
        locks: [{ lock: 1, label: 'Lobby', kind: 'door', failSafe: true }, { lock: 7, label: 'A07', kind: 'compartment' }], offline: { clock: 'trusted', revoked: ['7.1.981792.0'] },
        doorAlarms: { forced: true, heldMs: 300_000 }, battery: { lowMillivolts: 3500, criticalMillivolts: 3300 }, menu: true
      }),
      up('request', 'a code is asked for at the door', { s: session, n: 9, id: 'b00t-4', kind: 'requestCode', mode: 'unlock', lock: 7 }),
      down('answer', 'somebody has to say yes first', { s: session, n: 7, id: 'b00t-4', kind: 'requestCode', status: 'waiting', sent: 0, of: 3, waitMs: 120_000 }),
      down('pins', 'standing pins for outages, one with an end: 40719328 and 00000000', {
        s: session, n: 8, until: now + 604_800_000, digits: 8, pins: [
          { lock: 7, ends: 0, verifier: pinVerifier(offlineKey, '40719328') },
          { lock: 1, ends: now + 86_400_000, verifier: pinVerifier(offlineKey, '00000000') }
        ]
      }),
      down('answer', 'two of three recipients have it', { s: session, n: 9, id: 'b00t-4', kind: 'requestCode', status: 'sent', sent: 2, of: 3, waitMs: 120_000 })
    ]
  }
}

/** Of the eight bytes `an image`. */
const goldenImage = {
  version: '0.2.0', minimum: '0.1.0', hardware: 'golden', size: 8, sha256: 'pd8_3nsgDD-ieRFEx-BcXCvO1Mathj06TPdslywXEvk', key: 'A6EHv_POEL4dcN0Y50vAmWfk1jCbpQ1fHdyGZBJVMbg',
  signature: 'dNi-iKq7I27rUyU1nb6ph0632-OC4Vj3cZe_-hTlwbxC-34pHWPDC2_TypFapNdhRzhXDnHch318iqbTuQJmAw',
  url: 'https://oncekey.example/api/v1/controllers/controller-1/image'
}

const retained = ['state', 'settings', 'update']
const fleeting = ['time', 'health']

function up (name: UpName, about: string, body: object): GoldenMessage {
  return message(upTopic(address, name), 'mac-up', keys.macUp, name, about, body)
}

function down (name: DownName, about: string, body: object): GoldenMessage {
  return message(downTopic(address, name), 'mac-down', keys.macDown, name, about, body)
}

function message (topic: string, key: GoldenMessage['key'], mac: Uint8Array, name: string, about: string, fields: object): GoldenMessage {
  const body = JSON.stringify(fields)
  return { about, topic, key, qos: fleeting.includes(name) ? 0 : 1, retain: retained.includes(name), body, payload: seal(mac, topic, body) }
}

/** What must be refused, and why. Kinds: `envelope` does not open, `body` does not parse, `order` is not the next, `entry` holds no digits, `topic` is not ours. */
function refused (): object {
  const topic = downTopic(address, 'answer')
  const body = trip().messages.find((one) => one.about === 'granted')?.body ?? ''
  const payload = seal(keys.macDown, topic, body)
  const fields: object = JSON.parse(body)
  const otherRoot = Uint8Array.from(root, (byte) => byte ^ 0xff)
  const plainEntry = (...bytes: number[]): string => {
    const pad = fromBase64url(sealEntry(keys.encUp, session, 1, '7')) ?? new Uint8Array(16)
    pad[0] = pad[0]! ^ 1
    pad[1] = pad[1]! ^ 0x37
    return toBase64url(pad.map((byte, i) => byte ^ (bytes[i] ?? 0)))
  }
  return {
    envelopes: [
      { why: 'published on another topic of the same controller', key: 'mac-down', topic: downTopic(address, 'command'), payload },
      { why: 'published to another controller', key: 'mac-down', topic: downTopic({ ...address, controller: 'controller-2' }, 'answer'), payload },
      { why: 'reflected: sealed with the key of the other direction', key: 'mac-down', topic, payload: seal(keys.macUp, topic, body) },
      { why: 'sealed with another controller\'s key', key: 'mac-down', topic, payload: seal(linkKeys(otherRoot, 1).macDown, topic, body) },
      { why: 'sealed with another version of the key', key: 'mac-down', topic, payload: seal(linkKeys(root, 2).macDown, topic, body) },
      { why: 'opens another lock', key: 'mac-down', topic, payload: payload.slice(0, 23) + body.replace('"lock":7', '"lock":8') },
      { why: 'no MAC', key: 'mac-down', topic, payload: body },
      { why: 'empty MAC', key: 'mac-down', topic, payload: '.' + body },
      { why: 'MAC cut short', key: 'mac-down', topic, payload: payload.slice(0, 20) + '.' + body },
      { why: 'MAC with padding', key: 'mac-down', topic, payload: payload.slice(0, 22) + '==.' + body },
      { why: 'MAC in another spelling of the same bytes', key: 'mac-down', topic, payload: respelled(payload) },
      { why: 'white space after the body', key: 'mac-down', topic, payload: payload + ' ' },
      { why: 'empty', key: 'mac-down', topic, payload: '' },
      { why: 'longer than 8,192 characters, though authentic', key: 'mac-down', topic, payload: seal(keys.macDown, topic, JSON.stringify({ ...fields, pad: 'x'.repeat(8192) })) }
    ],
    bodies: [
      { why: 'no session', name: 'answer', body: JSON.stringify({ ...fields, s: undefined }) },
      { why: 'counter 0', name: 'answer', body: JSON.stringify({ ...fields, n: 0 }) },
      { why: 'counter as text', name: 'answer', body: JSON.stringify({ ...fields, n: '2' }) },
      { why: 'lock 0: a grant names its lock', name: 'answer', body: JSON.stringify({ ...fields, lock: 0 }) },
      { why: 'lock 97', name: 'answer', body: JSON.stringify({ ...fields, lock: 97 }) },
      { why: 'granted is not true or false', name: 'answer', body: JSON.stringify({ ...fields, granted: 1 }) },
      { why: 'unknown mode', name: 'answer', body: JSON.stringify({ ...fields, mode: 'open' }) },
      { why: 'unknown kind', name: 'answer', body: JSON.stringify({ ...fields, kind: 'other' }) },
      { why: 'a list', name: 'answer', body: JSON.stringify([fields]) },
      { why: 'cut', name: 'answer', body: body.slice(0, -1) },
      { why: 'nonce of 15 bytes', name: 'welcome', body: JSON.stringify({ epoch, nonce: nonce.slice(0, 20), time: now, lockoutMs: 0, acked: 0 }) },
      { why: 'epoch in another spelling', name: 'welcome', body: JSON.stringify({ epoch: epoch.slice(0, 21) + 'x', nonce, time: now, lockoutMs: 0, acked: 0 }) },
      { why: 'unknown operation', name: 'command', body: JSON.stringify({ s: session, n: 1, id: 'x', expires: now, op: 'reboot', lock: 1 }) },
      { why: 'command without expiry', name: 'command', body: JSON.stringify({ s: session, n: 1, id: 'x', op: 'unlock', lock: 1 }) },
      { why: 'no records', name: 'event', body: JSON.stringify({ s: session, n: 1, records: [] }) }
    ],
    orders: [
      { why: 'no session yet', session: null, last: 0, body },
      { why: 'another session', session: sessionOf(epoch, toBase64url(new Uint8Array(16))), last: 0, body },
      { why: 'counter seen already', session, last: 2, body },
      { why: 'counter from before', session, last: 3, body }
    ],
    entries: [
      { why: 'sealed for another counter', n: 2, entry: sealEntry(keys.encUp, session, 1, '483920') },
      { why: 'no digits', n: 1, entry: plainEntry(0) },
      { why: '13 digits', n: 1, entry: plainEntry(13, ...Array.from({ length: 13 }, () => 0x31)) },
      { why: 'not a digit', n: 1, entry: plainEntry(2, 0x31, 0x3a) },
      { why: 'below the digits', n: 1, entry: plainEntry(1, 0x2f) },
      { why: 'something after the digits', n: 1, entry: plainEntry(1, 0x31, 0, 0x31) },
      { why: '15 bytes', n: 1, entry: toBase64url(new Uint8Array(15)) },
      { why: 'not base64url', n: 1, entry: '+'.repeat(22) }
    ],
    topics: [
      { why: 'another version', topic: 'ok/v2/site-1/controller-1/up/hello' },
      { why: 'another root', topic: 'no/v1/site-1/controller-1/up/hello' },
      { why: 'a name of the other direction', topic: 'ok/v1/site-1/controller-1/up/welcome' },
      { why: 'a name of the other direction', topic: 'ok/v1/site-1/controller-1/down/hello' },
      { why: 'unknown direction', topic: 'ok/v1/site-1/controller-1/side/hello' },
      { why: 'a level too many', topic: 'ok/v1/site-1/controller-1/up/hello/' },
      { why: 'a level too few', topic: 'ok/v1/site-1/controller-1/up' },
      { why: 'site only', topic: 'ok/v1/site-1' },
      { why: 'root only', topic: 'ok/v1' },
      { why: 'empty site', topic: 'ok/v1//controller-1/up/hello' },
      { why: 'empty controller', topic: 'ok/v1/site-1//up/hello' },
      { why: 'wildcard', topic: 'ok/v1/+/controller-1/up/hello' },
      { why: 'wildcard', topic: 'ok/v1/site-1/#' },
      { why: 'beyond ASCII', topic: 'ok/v1/site-1/contröller/up/hello' },
      { why: 'id of 65 characters', topic: 'ok/v1/' + 'a'.repeat(65) + '/controller-1/up/hello' },
      { why: 'leading slash', topic: '/ok/v1/site-1/controller-1/up/hello' },
      { why: 'empty', topic: '' }
    ]
  }
}

/** The last of 22 base64url characters holds two used bits of six: sets an unused one. */
function respelled (payload: string): string {
  const digits = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
  return payload.slice(0, 21) + digits.charAt(digits.indexOf(payload.charAt(21)) + 1) + payload.slice(22)
}
