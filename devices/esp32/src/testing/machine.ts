/**
 * A machine for the program of an ESP32, on Node: what the SDK would bring, as its documentation describes it, with a
 * clock that stands still until it is told to pass. It shows that the host does what it means to do; that the SDK is
 * what we take it for, only a board can show.
 */
import { createHash, createPublicKey, verify } from 'node:crypto'
import { registerHooks } from 'node:module'
import { display, virtualClock } from '@oncekey/host/testing'
import { keys } from '@oncekey/drivers'
import { pins } from '../pins.ts'

export type Request = { host: string, port: number, method: string, path: string, headers: Record<string, string>, body: string, secure: { verify?: boolean, certificate?: ArrayBuffer } | undefined }
export type Answer = { status: number, body: string | Uint8Array, headers?: Record<string, string> }
/** What the program opened at the broker. */
export type MqttOptions = {
  host: string, port: number, id: string, user: string, socket: { secure?: { protocolVersion: number, certificate?: ArrayBuffer } }
  onControl: (message: { operation: number, returnCode?: number, payload?: number[] }) => void, onReadable: (this: unknown, count: number, message: { topic?: string, more: boolean }) => void, onWritable: (count: number) => void, onClose: () => void
}
type Route = { onRequest: (request: object) => void, onReadable: (count: number) => void, onResponse: (response: object) => void, onWritable: (count: number) => void }

/** The broker's buffer: small, so that messages have to be cut. */
const ROOM = 600
const PART = 300
/** Of flash: what is erased at once, and a slot. */
const SECTOR = 4096
const SLOT = 0x1b0000

/** The power went in the middle of a write. */
class PowerCut extends Error {}

export type Machine = ReturnType<typeof newMachine>

export function newMachine () {
  const clock = virtualClock(0)
  const flash = new Map<string, Map<string, string>>()
  let timers = new Set<() => void>()
  let bytes: { path: string, body: string }[] = []
  const glass = display()
  const machine = {
    pass: clock.pass,
    /** Names that the radio joins. */
    networks: new Set<string>(),
    hasTime: true,
    isFlashFull: false,
    /** What the server answers. */
    serve: (_request: Request): Answer | null | Promise<Answer | null> => null,
    requests: [] as Request[],
    /** Gets what the program publishes. */
    publish: (_topic: string, _payload: string): void => {},
    mqtt: null as MqttOptions | null,
    accessPoint: null as { ssid: string, password: string } | null,
    duties: [] as number[],
    isPulsing: false,
    isBoltOut: true,
    isDoorShut: true,
    clockSet: 0,
    serialOut: [] as number[],
    resetReason: 1,
    /** What a pin that measures reads, 0..1023 for 3.3 V. */
    analog: 0,
    /** What lies in the two places for programs. An image of a test says its version behind its first byte; 0.1.0 runs where nothing was written. */
    slots: [new Uint8Array(SLOT).fill(0xff), new Uint8Array(SLOT).fill(0xff)] as const,
    /** The boot loader's notes: the slot that was called good, the one that is to be tried, the one on trial. */
    boot: { good: 0, next: null as number | null, trial: null as number | null },
    /** Sectors that can be written before the power goes. */
    sectorsLeft: Infinity,
    isOff: false,
    /** The program that starts next does nothing any more, from its first line's end on. */
    isHanging: false,
    firmware: '',
    starts: 0,
    restarts: 0,
    flash,
    rows: glass.rows,
    /** Power comes: the program from its first line. */
    async start () {
      for (const stop of timers) stop()
      timers = new Set()
      machine.isOff = false
      watch = null
      // The boot loader: a program on trial that nobody called good is left.
      machine.boot = { good: machine.boot.good, next: null, trial: machine.boot.next }
      const [mark, ...version] = machine.slots[running()]!.subarray(0, 16)
      machine.firmware = mark === 0xe9 ? Buffer.from(version).toString('latin1').split('\0')[0]! : '0.1.0'
      machine.mqtt = null
      machine.accessPoint = null
      machine.isPulsing = false
      bytes = []
      down = null
      machine.starts++
      isStuck = false
      await import(`../main.ts?start=${machine.starts}`)
      isStuck = machine.isHanging
      machine.isHanging = false
    },
    type (text: string) {
      for (const char of text) {
        down = keys.findIndex((key) => key === char)
        clock.pass(40)
        down = null
        clock.pass(40)
      }
    },
    /** A message from the broker, in parts. */
    deliver (topic: string, payload: string | Uint8Array) {
      const all = Buffer.from(payload as string) // It takes either.
      for (let at = 0; at < all.length; at += PART) {
        const part = all.subarray(at, at + PART)
        machine.mqtt?.onReadable.call({ read: () => new Uint8Array(part).buffer }, part.length, { ...(at === 0 ? { topic } : {}), more: at + PART < all.length })
      }
    },
    /** A phone at the access point sends a form; gives the status. */
    submit (form: string): number {
      let status = 0
      const connection = { read: () => new TextEncoder().encode(form).buffer, respond (response: { status: number }) { status = response.status }, write () {} }
      const route = web?.()
      route?.onRequest.call(connection, { method: 'POST', path: '/' })
      route?.onReadable.call(connection, form.length)
      route?.onResponse.call(connection, { status: 0, headers: new Map() })
      return status
    },
    /** Bytes on the cable. */
    cable (some: number[]) { serialIn?.(some) }
  }
  let down: number | null = null
  let web: (() => Route | null) | null = null
  let serialIn: ((some: number[]) => void) | null = null
  /** Nothing lasts from here on that was not there before. */
  const cut = (): never => {
    machine.isOff = true
    machine.mqtt = null
    for (const stop of timers) stop()
    throw new PowerCut()
  }
  const later = (work: () => void, ms = 1): () => void => {
    if (machine.isOff) return () => {}
    const stop = clock.at(clock.now() + ms, () => {
      timers.delete(stop)
      if (!isStuck || work === restartByWatch) work()
    })
    timers.add(stop)
    return stop
  }

  function repeat (work: () => void, ms: number): void {
    later(() => {
      repeat(work, ms)
      work()
    }, ms)
  }

  const running = (): number => machine.boot.trial ?? machine.boot.good
  const other = (): Uint8Array => machine.slots[1 - running()]!
  let watch: (() => void) | null = null
  let isStuck = false
  const restartByWatch = (): void => { machine.restarts++ }

  const low = new Set<number>()
  const modules = {
    timer: { set: later, repeat, clear (timer: () => void) { timer(); timers.delete(timer) } },
    time: { get ticks () { return clock.now() | 0 }, delta: (from: number, to: number) => to - from, set (seconds: number) { machine.clockSet = seconds } },
    crypt: { Digest: class {
      private readonly hash = createHash('sha256')
      write (some: ArrayBuffer) { this.hash.update(new Uint8Array(some)) }
      close () { return new Uint8Array(this.hash.digest()).buffer }
    } },
    'embedded:storage/flash': { open: ({ path, mode }: { path: string, mode: string }) => {
      if (path !== 'nextota' || mode !== 'r+') throw new Error('partition not found')
      const slot = other()
      return {
        status: () => ({ size: SLOT, blockLength: SECTOR, blocks: SLOT / SECTOR }),
        eraseBlock (block: number) {
          if (!Number.isInteger(block)) throw new Error('between two sectors')
          if (machine.sectorsLeft-- <= 0) cut()
          slot.fill(0xff, block * SECTOR, (block + 1) * SECTOR)
        },
        write (some: Uint8Array, at: number) {
          if (some.length % 16 !== 0 || at % 16 !== 0) throw new Error('not as encrypted flash is written')
          // Flash can be written once between two erasures.
          some.forEach((byte, i) => { slot[at + i]! &= byte })
        },
        read: (count: number, at: number) => new Uint8Array(slot.subarray(at, at + count)).buffer
      }
    } },
    net: { get: (name: string) => name === 'MAC' ? 'aa:bb:cc:dd:ee:ff' : ['10.0.0.1'] },
    wifi: { accessPoint (options: { ssid: string, password: string }) { machine.accessPoint = options } },
    'mc/ffi': class {
      door_random (buffer: ArrayBuffer, count: number) { crypto.getRandomValues(new Uint8Array(buffer, 0, count)) }
      door_reset_reason () { return machine.resetReason }
      door_restart () { machine.restarts++ }
      door_free_bytes () { return 120_000 }
      door_running_slot () { return running() }
      door_is_pending () { return machine.boot.trial === null ? 0 : 1 }
      door_is_bootable () { return other()[0] === 0xe9 ? 1 : 0 }
      door_is_signed (key: ArrayBuffer, signature: ArrayBuffer, text: ArrayBuffer) {
        const publicKey = createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x: Buffer.from(key).toString('base64url') }, format: 'jwk' })
        return verify(null, Buffer.from(text), publicKey, Buffer.from(signature)) ? 1 : 0
      }
      door_select () { machine.boot.next = 1 - running() }
      door_mark_valid () { machine.boot = { good: running(), next: null, trial: null } }
      door_watch (ms: number) {
        watch?.()
        watch = ms === 0 ? null : later(restartByWatch, ms)
      }
    },
    'embedded:io/digital': class {
      static InputPullUp = 1
      static OutputOpenDrain = 2
      private readonly pin: number
      constructor ({ pin }: { pin: number }) { this.pin = pin }
      write (value: number) { if (value === 0) low.add(this.pin); else low.delete(this.pin) }
      read () {
        if (this.pin === pins.boltOut) return machine.isBoltOut ? 0 : 1
        if (this.pin === pins.doorShut) return machine.isDoorShut ? 0 : 1
        const column = pins.keypad.columns.findIndex((pin) => pin === this.pin)
        return down !== null && down % 4 === column && low.has(pins.keypad.rows[Math.floor(down / 4)] ?? -1) ? 0 : 1
      }
      close () {}
    },
    'embedded:io/analog': class {
      resolution = 10
      read () { return machine.analog }
    },
    'embedded:io/i2c': class {
      constructor ({ address }: { address: number }) { if (address !== 0x27) throw new Error('nothing there') }
      write (some: Uint8Array) { glass.take(some) }
      close () {}
    },
    'embedded:io/pwm': class {
      private readonly isServo: boolean
      constructor ({ pin, hz }: { pin: number, hz: number }) {
        this.isServo = pin === pins.servo
        if (this.isServo && hz !== 50) throw new Error('not for a servo')
      }
      write (duty: number) {
        if (!this.isServo) return
        machine.duties.push(duty)
        machine.isPulsing = true
        const isOut = duty > 800
        later(() => { machine.isBoltOut = isOut }, 250)
      }
      close () { if (this.isServo) machine.isPulsing = false }
    },
    'embedded:io/serial': class {
      constructor ({ onReadable }: { onReadable: (this: unknown, count: number) => void }) {
        serialIn = (some) => onReadable.call({ read: () => Uint8Array.from(some).buffer }, some.length)
      }
      write (some: Uint8Array) { machine.serialOut.push(...some) }
    },
    'embedded:io/socket/tcp': 'tcp', 'embedded:io/socket/udp': 'udp', 'embedded:io/socket/tcp/tls': 'tls', 'embedded:io/socket/listener': 'listener', 'embedded:network/dns/resolver/udp': 'dns',
    'embedded:network/interface/wifi': class {
      connection = 200
      private readonly onChanged: () => void
      constructor ({ onChanged }: { onChanged: () => void }) { this.onChanged = onChanged }
      private become (connection: number) {
        this.connection = connection
        this.onChanged()
      }
      connect ({ SSID }: { SSID: string }) {
        this.connection = 300
        later(() => { this.become(machine.networks.has(SSID) ? 500 : 200) }, 100)
      }
      disconnect () { this.connection = 200 }
      scan ({ onFound, onComplete }: { onFound: (found: object) => void, onComplete: () => void }) {
        for (const SSID of machine.networks) onFound({ SSID, RSSI: -50, security: 'wpa2_psk' })
        onComplete()
      }
    },
    'embedded:network/ntp/client': class {
      getTime (done: (error: unknown, time?: number) => void) { later(() => machine.hasTime ? done(null, 1_800_000_000_000) : done(new Error('nobody'))) }
      close () {}
    },
    'embedded:network/http/server': class {
      constructor ({ onConnect }: { onConnect: (connection: object) => void }) {
        web = () => {
          let route: Route | null = null
          onConnect({ accept (one: Route) { route = one } })
          return route
        }
      }
      close () {}
    },
    'embedded:network/http/client': class {
      private readonly at: { host: string, port: number, socket: { secure?: Request['secure'] } }
      constructor (at: { host: string, port: number, socket: { secure?: Request['secure'] } }) { this.at = at }
      request (how: { method: string, path: string, headers?: Map<string, string>, onHeaders: (status: number, headers: Map<string, string>) => void, onReadable: (this: unknown, count: number) => void, onWritable: (this: unknown, count: number) => void, onDone: (error: unknown) => void }) {
        let body = ''
        later(() => {
          how.onWritable.call({ write (some?: ArrayBuffer) { if (some !== undefined) body += new TextDecoder().decode(some) } }, 1000)
          const request = { host: this.at.host, port: this.at.port, method: how.method, path: how.path, headers: Object.fromEntries(how.headers ?? []), body, secure: this.at.socket.secure }
          machine.requests.push(request)
          const tell = (answer: Answer | null): void => {
            if (answer === null) return how.onDone(new Error())
            how.onHeaders(answer.status, new Map(Object.entries(answer.headers ?? {})))
            const whole = Buffer.from(answer.body as string) // It takes either.
            // As it comes over a network: in pieces that know nothing of characters and sectors.
            const piece = Math.min(1460, Math.ceil(whole.length / 2))
            for (let at = 0; at < whole.length; at += piece) how.onReadable.call({ read: () => new Uint8Array(whole.subarray(at, at + piece)).buffer }, Math.min(piece, whole.length - at))
            how.onDone(null)
          }
          const answer = machine.serve(request)
          if (answer instanceof Promise) void answer.then(tell)
          else tell(answer)
        })
      }
      close () {}
    },
    'embedded:network/mqtt/client': class {
      static CONNACK = 2
      static SUBSCRIBE = 8
      static SUBACK = 9
      private left = 0
      private readonly options: MqttOptions
      constructor (options: MqttOptions) {
        this.options = options
        machine.mqtt = options
        later(() => {
          options.onWritable(ROOM)
          options.onControl({ operation: 2, returnCode: 0 })
        })
      }
      write (some: ArrayBuffer | null, message?: { operation?: number, topic?: string, byteLength?: number }) {
        if (message?.operation === 8) {
          later(() => { this.options.onControl({ operation: 9, payload: [1] }) })
          return ROOM
        }
        if ((message === undefined) !== (this.left > 0)) throw new Error('between two messages')
        const text = Buffer.from(some ?? new ArrayBuffer()).toString()
        if (message === undefined) bytes.at(-1)!.body += text
        else {
          bytes.push({ path: message.topic ?? '', body: text })
          this.left = message.byteLength ?? 0
        }
        this.left -= some?.byteLength ?? 0
        if (this.left < 0) throw new Error('more than was said')
        const { path, body } = bytes.at(-1)!
        if (this.left === 0) later(() => { machine.publish(path, body) })
        later(() => { this.options.onWritable(ROOM) })
        return 0
      }
      close () {}
    },
    'embedded:storage/key-value': {
      open ({ path }: { path: string }) {
        const map = flash.get(path) ?? new Map<string, string>()
        flash.set(path, map)
        return {
          [Symbol.iterator]: () => map.keys(), read: (key: string) => map.get(key),
          write (key: string, value: string) {
            if (machine.isOff) return
            if (machine.isFlashFull) throw new Error('ESP_ERR_NVS_NOT_ENOUGH_SPACE')
            if (key.length > 15 || Buffer.byteLength(value) >= 4000) throw new Error('ESP_ERR_NVS_VALUE_TOO_LONG')
            map.set(key, value)
          },
          delete (key: string) { if (!machine.isOff) map.delete(key) }
        }
      }
    }
  }

  Object.assign(globalThis, { oncekeyMachine: modules })
  Object.assign(ArrayBuffer, { fromString: (text: string) => new TextEncoder().encode(text).buffer })
  Object.assign(String, { fromArrayBuffer: (some: ArrayBuffer) => new TextDecoder('utf-8', { fatal: true }).decode(some) })
  const hooks = registerHooks({
    resolve (name, context, next) {
      const isOurs = context.parentURL?.includes('/devices/esp32/src/') === true && !context.parentURL.includes('/testing/')
      if (!isOurs || !(name in modules)) return next(name, context)
      return { url: `data:text/javascript,export default globalThis.oncekeyMachine[${JSON.stringify(name)}]`, shortCircuit: true }
    },
    // Each slot has the same program; it says the version that its image has.
    load (url, context, next) {
      const loaded = next(url, context)
      if (!url.includes('/devices/esp32/src/main.ts?start=')) return loaded
      return { ...loaded, source: String(loaded.source).replace("const firmware = '0.1.0'", `const firmware = '${machine.firmware}'`) }
    }
  })
  return Object.assign(machine, { end () { hooks.deregister() } })
}
