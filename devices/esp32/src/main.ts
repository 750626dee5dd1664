/** A door on an ESP32. Reads like a parts list: each part is in a file of its own, and all that decides is in packages. */
import Net from 'net'
import Timer from 'timer'
import { addressOf, identityFrom, isFingerprintOf, newBoard, newClaimCode, newClaimForm, newClaiming, newOnline, newRunner, type Commissioned, type Place } from '@oncekey/host'
import { openBattery } from './battery.ts'
import { openBoard } from './board.ts'
import { machineClock } from './clock.ts'
import { mqttLink } from './mqtt-link.ts'
import { chance, entropy, freeBytes, resetReason, restart } from './native.ts'
import { request } from './net.ts'
import { battery } from './pins.ts'
import { openPrograms } from './programs.ts'
import { listenForCable, listenForPhone } from './setup.ts'
import { openStore } from './store.ts'
import { askTime } from './time.ts'
import { openAccessPoint, openRadio } from './wifi.ts'

const firmware = '0.1.0'
const hardware = 'esp32'
/** A box whose memory failed tries again after this. */
const RESTART_MS = 60_000
const MEASURE_MS = 60_000
/** A page gives up after half a minute. */
const JOIN_MS = 25_000

const clock = machineClock()
const pins = openBoard()
const parts = newBoard(pins, clock)
const radio = openRadio()
/** What the program remembers, and where this box belongs: two name spaces, so that neither can crowd out the other's keys. */
const memory = openStore('door')
const kept = openStore('place')
const known = kept.load()
let place: Place | null = fromJson<Place>(known['place'])
let owner: Commissioned | null = fromJson<Commissioned>(known['owner'])
/** PEM of the server's own authority, once it was checked. */
let ca = known['ca'] ?? ''

const link = mqttLink(() => {
  const at = addressOf(place?.server ?? '')
  if (owner === null || at === null) return null
  const isSecure = owner.mqttsPort !== 0
  return { host: at.host, port: isSecure ? owner.mqttsPort : owner.mqttPort, isSecure, ca: owner.ca }
}, clock, chance)
// What travels to a box that is somebody's comes from its own server, whose authority came with its owner.
const programs = openPrograms(firmware, clock, memory, kept, () => owner?.ca ?? null)
const runner = newRunner({
  identity: owner === null ? null : identityFrom(owner),
  locks: pins.locks.length, parts, link, storage: memory, clock, entropy, firmware, hardware, programs,
  disown () {
    kept.set('owner', '')
    Timer.set(restart, 1000)
  }
}, {
  broken () { Timer.set(restart, RESTART_MS) }
})

const online = newOnline({
  clock, chance,
  join (told) { if (place !== null) radio.join(place.ssid, place.password, told) },
  askTime (done) { askTime(addressOf(place?.server ?? ''), done) },
  changed (stage) {
    if (stage !== 'online') return runner.pullNetwork()
    runner.plugNetwork()
    if (owner === null) meetServer()
  }
})
const form = newClaimForm(entropy, { hardware, firmware, locks: pins.locks.length })
const claiming = newClaiming({
  clock, chance, form,
  post (json, done) {
    const at = addressOf(place?.server ?? '')
    if (at === null) return done(null)
    request(at, ca === '' ? null : ca, { method: 'POST', path: '/api/v1/commissioning', body: json }, done)
  },
  claimed (news) {
    const identity = identityFrom(news)
    if (identity === null) return
    kept.set('owner', JSON.stringify(news))
    owner = news
    runner.adopt(identity)
  },
  refused (status) { parts.show(['Server refuses  ', String(status).padEnd(16)]) }
})

runner.pullNetwork()
// One that is somebody's works from here on, whatever the network does.
if (owner !== null || hasNetwork()) runner.powerOn(resetReason())
const millivolts = openBattery(battery)
Timer.repeat(() => {
  runner.measure({ millivolts: millivolts(), freeBytes: freeBytes(), network: place?.ssid ?? '', address: radio.address() })
}, MEASURE_MS)
listenForCable({
  about: ['Oncekey', firmware, 'ESP32', Net.get('MAC')],
  next: () => place?.server ?? '',
  scan: radio.scan,
  server (server, fingerprint) { settle({ ...(place ?? { ssid: '', password: '' }), server, fingerprint }) },
  join (ssid, password, done) {
    online.stop()
    let isDone = false
    const tell = (isUp: boolean): void => {
      if (isDone) return
      isDone = true
      if (isUp) settle({ ...(place ?? { server: '', fingerprint: '' }), ssid, password })
      done(isUp)
      // Everything begins from what is kept; the answer has left by then.
      if (isUp) Timer.set(restart, 2000)
      else if (hasNetwork()) online.start()
    }
    radio.join(ssid, password, tell)
    Timer.set(() => { tell(false) }, JOIN_MS)
  }
})
if (hasNetwork()) online.start()
else if (owner === null) openForPhones()

function hasNetwork (): boolean {
  return place !== null && place.ssid !== ''
}

/** Keeps where this box belongs, before anything is done with it. */
function settle (next: Place): void {
  if (next.server !== place?.server || next.fingerprint !== place.fingerprint) {
    ca = ''
    kept.set('ca', '')
  }
  place = next
  kept.set('place', JSON.stringify(next))
}

/** Nobody has said where it belongs: its own network, with a password that is on the display. */
function openForPhones (): void {
  const name = 'Oncekey-' + Net.get('MAC').split(':').join('').slice(-4)
  // Whoever hears a phone join can try passwords at home and then read what it sends, the Wi-Fi's own password too: eight digits last minutes.
  const password = newClaimCode(entropy)
  openAccessPoint(name, password)
  parts.on({ key () {}, sensed () {} })
  parts.show([name.padEnd(16), ('Key ' + password).padEnd(16)])
  listenForPhone((next) => {
    settle(next)
    // The radio changes its office with a fresh start only.
    Timer.set(restart, 1000)
  })
}

/** An authority of the server's own is taken once, and only if it is the one whose fingerprint somebody has typed. Then the claim code is shown. */
function meetServer (): void {
  const at = addressOf(place?.server ?? '')
  if (at === null || place === null) return
  if (place.fingerprint === '' || ca !== '') return begin()
  const { fingerprint } = place
  request(at, 'anybody', { method: 'GET', path: '/ca.pem' }, (answer) => {
    if (answer?.status === 200 && isFingerprintOf(answer.body, fingerprint)) {
      ca = answer.body
      kept.set('ca', ca)
      return begin()
    }
    if (answer?.status === 200) parts.show(['Not that server!', 'Check its print '])
    Timer.set(meetServer, 10_000)
  })
}

function begin (): void {
  runner.unclaimed(form.claimCode)
  claiming.start()
}

/** What we wrote ourselves; null when it is not there. */
function fromJson<Value> (text: string | undefined): Value | null {
  return text === undefined ? null : JSON.parse(text)
}
