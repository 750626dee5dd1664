/**
 * A machine for the program of an ESP32, on Node: what the SDK would bring, as its documentation describes it, with a
 * clock that stands still until it is told to pass. It shows that the host does what it means to do; that the SDK is
 * what we take it for, only a board can show.
 */
import { registerHooks } from 'node:module'
import { display, virtualClock } from '@oncekey/host/testing'
import { keys } from '@oncekey/drivers'
import { pins } from '../pins.ts'

export type Request = { host: string, port: number, method: string, path: string, body: string, secure: { verify?: boolean, certificate?: ArrayBuffer } | undefined }
export type Answer = { status: number, body: string, headers?: Record<string, string> }
/** What the program opened at the broker. */
export type MqttOptions = {
  host: string, port: number, id: string, user: string, socket: { secure?: { protocolVersion: number, certificate?: ArrayBuffer } }
  onControl: (message: { operation: number, returnCode?: number, payload?: number[] }) => void, onReadable: (this: unknown, count: number, message: { topic?: string, more: boolean }) => void, onWritable: (count: number) => void, onClose: () => void
}
type Route = { onRequest: (request: object) => void, onReadable: (count: number) => void, onResponse: (response: object) => void, onWritable: (count: number) => void }

/** The broker's buffer: small, so that messages have to be cut. */
const ROOM = 600
const PART = 300

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
    serve: (_request: Request): Answer | null => null,
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
    starts: 0,
    restarts: 0,
    flash,
    rows: glass.rows,
    /** Power comes: the program from its first line. */
    async start () {
      for (const stop of timers) stop()
      timers = new Set()
      machine.mqtt = null
      machine.accessPoint = null
      machine.isPulsing = false
      bytes = []
      down = null
      machine.starts++
      await import(`../main.ts?start=${machine.starts}`)
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
    deliver (topic: string, payload: string) {
      const all = Buffer.from(payload)
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
  const later = (work: () => void, ms = 1): object => {
    const stop = clock.at(clock.now() + ms, () => {
      timers.delete(stop)
      work()
    })
    timers.add(stop)
    return stop
  }

  const low = new Set<number>()
  const modules: Record<string, unknown> = {
    timer: { set: later, clear (timer: () => void) { timer(); timers.delete(timer) } },
    time: { get ticks () { return clock.now() | 0 }, delta: (from: number, to: number) => to - from, set (seconds: number) { machine.clockSet = seconds } },
    net: { get: (name: string) => name === 'MAC' ? 'aa:bb:cc:dd:ee:ff' : ['10.0.0.1'] },
    wifi: { accessPoint (options: { ssid: string, password: string }) { machine.accessPoint = options } },
    'mc/ffi': class {
      door_random (buffer: ArrayBuffer, count: number) { crypto.getRandomValues(new Uint8Array(buffer, 0, count)) }
      door_reset_reason () { return machine.resetReason }
      door_restart () { machine.restarts++ }
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
      request (how: { method: string, path: string, onHeaders: (status: number, headers: Map<string, string>) => void, onReadable: (this: unknown, count: number) => void, onWritable: (this: unknown, count: number) => void, onDone: (error: unknown) => void }) {
        let body = ''
        later(() => {
          how.onWritable.call({ write (some?: ArrayBuffer) { if (some !== undefined) body += new TextDecoder().decode(some) } }, 1000)
          const request = { host: this.at.host, port: this.at.port, method: how.method, path: how.path, body, secure: this.at.socket.secure }
          machine.requests.push(request)
          const answer = machine.serve(request)
          if (answer === null) return how.onDone(new Error())
          how.onHeaders(answer.status, new Map(Object.entries(answer.headers ?? {})))
          how.onReadable.call({ read: () => new TextEncoder().encode(answer.body).buffer }, answer.body.length)
          how.onDone(null)
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
            if (machine.isFlashFull) throw new Error('ESP_ERR_NVS_NOT_ENOUGH_SPACE')
            if (key.length > 15 || Buffer.byteLength(value) >= 4000) throw new Error('ESP_ERR_NVS_VALUE_TOO_LONG')
            map.set(key, value)
          },
          delete (key: string) { map.delete(key) }
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
    }
  })
  return Object.assign(machine, { end () { hooks.deregister() } })
}
