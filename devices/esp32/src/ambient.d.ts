// What is called of the Moddable SDK 8 and of ECMA-419 (https://419.ecma-international.org), and no more. Written for
// this project: the published typings are of an older version.

type Bytes = ArrayBuffer | Uint8Array

declare module 'embedded:io/digital' {
  export default class Digital {
    static readonly InputPullUp: number
    static readonly OutputOpenDrain: number
    constructor (options: { pin: number, mode: number })
    read (): number
    write (value: number): void
    close (): void
  }
}

declare module 'embedded:io/analog' {
  export default class Analog {
    constructor (options: { pin: number })
    /** Bits of what is read; the greatest means 3.3 V. */
    readonly resolution: number
    read (): number
  }
}

declare module 'embedded:io/i2c' {
  export default class I2C {
    constructor (options: { data: number, clock: number, hz: number, address: number })
    write (bytes: Bytes): void
    close (): void
  }
}

declare module 'embedded:io/pwm' {
  export default class PWM {
    constructor (options: { pin: number, hz: number, resolution: number })
    readonly resolution: number
    write (duty: number): void
    close (): void
  }
}

declare module 'embedded:io/serial' {
  export default class Serial {
    constructor (options: { receive: number, transmit: number, port: number, baud: number, format: 'buffer', onReadable?: (this: Serial, count: number) => void })
    read (count?: number): ArrayBuffer | undefined
    write (bytes: Bytes): void
  }
}

declare module 'embedded:network/interface/wifi' {
  export default class WiFi {
    constructor (options: { onChanged?: (this: WiFi) => void })
    /** 200 nothing, 300 connecting, 400 connected, 500 with an address. */
    readonly connection: number
    readonly address: string | undefined
    scan (options: { onFound: (found: { SSID: string, RSSI: number, security?: string }) => void, onComplete?: () => void }): void
    connect (options: { SSID: string, password?: string }): void
    disconnect (): void
    close (): void
  }
}

declare module 'embedded:io/socket/tcp' { const TCP: unknown; export default TCP }
declare module 'embedded:io/socket/udp' { const UDP: unknown; export default UDP }
declare module 'embedded:io/socket/tcp/tls' { const TLS: unknown; export default TLS }
declare module 'embedded:io/socket/listener' { const Listener: unknown; export default Listener }
declare module 'embedded:network/dns/resolver/udp' { const Resolver: unknown; export default Resolver }

declare module 'embedded:network/mqtt/client' {
  export default class MQTTClient {
    static readonly CONNACK: number
    static readonly SUBSCRIBE: number
    static readonly SUBACK: number
    constructor (options: {
      host: string, port: number, id: string, user: string, password: ArrayBuffer, clean: boolean, /** ms */ keepalive: number
      will: { topic: string, message: ArrayBuffer, QoS: number, retain: boolean }
      dns: unknown, socket: unknown
      onControl: (message: { operation: number, returnCode?: number, payload?: readonly number[] }) => void
      onReadable: (this: MQTTClient, count: number, message: { topic?: string, more: boolean }) => void
      onWritable: (count: number) => void
      onClose: () => void
      onError: () => void
    })
    read (count: number): ArrayBuffer
    /** Throws when it does not fit; returns how many bytes would fit now. */
    write (bytes: ArrayBuffer | null, options?: { operation?: number, topic?: string, QoS?: number, retain?: boolean, byteLength?: number, items?: { topic: string, QoS: number }[] }): number
    close (): void
  }
}

declare module 'embedded:network/http/client' {
  export type HTTPRequest = { read (count?: number): ArrayBuffer | undefined, write (bytes?: ArrayBuffer): void }
  export default class HTTPClient {
    constructor (options: { host: string, port: number, dns: unknown, socket: unknown, onError: () => void })
    request (options: {
      method: string, path: string, headers: Map<string, string>
      onHeaders: (status: number, headers: Map<string, string>) => void
      onReadable: (this: HTTPRequest, count: number) => void
      onWritable: (this: HTTPRequest, count: number) => void
      onDone: (error: unknown) => void
    }): HTTPRequest
    close (): void
  }
}

declare module 'embedded:network/http/server' {
  export type Connection = { accept (route: object): void }
  export default class HTTPServer {
    constructor (options: { io: unknown, port: number, onConnect: (connection: Connection) => void })
    close (): void
  }
}

declare module 'embedded:network/ntp/client' {
  export default class NTP {
    constructor (options: { servers: string[], dns: unknown, socket: unknown })
    getTime (done: (error: unknown, /** ms since 1970 */ time?: number) => void): void
    close (): void
  }
}

declare module 'embedded:storage/key-value' {
  export type Opened = { read (key: string): string | undefined, write (key: string, value: string): void, delete (key: string): void, [Symbol.iterator] (): IterableIterator<string> }
  const storage: { open (options: { path: string, format: 'string' }): Opened }
  export default storage
}

declare module 'embedded:storage/flash' {
  /** Blocks are sectors of flash. */
  export type Flash = { status (): { size: number, blockLength: number }, eraseBlock (block: number): void, write (bytes: Bytes, offset: number): void, read (count: number, offset: number): ArrayBuffer }
  const flash: { open (options: { /** 'nextota': the slot that does not run. */ path: string, mode: 'r' | 'r+', format: 'buffer' }): Flash }
  export default flash
}

declare module 'crypt' {
  class Digest {
    constructor (name: 'SHA256')
    write (bytes: Bytes): void
    close (): ArrayBuffer
  }
  const Crypt: { Digest: typeof Digest }
  export default Crypt
}

declare module 'net' {
  const Net: { get (name: 'MAC'): string, get (name: 'DNS'): string[] | string | undefined }
  export default Net
}

declare module 'wifi' {
  /** The SDK's own; ECMA-419 has no access points. */
  const WiFi: { accessPoint (options: { ssid: string, password?: string }): void }
  export default WiFi
}

declare module 'timer' {
  const Timer: { set (work: () => void, ms: number): object, repeat (work: () => void, ms: number): object, clear (timer: object): void }
  export default Timer
}

declare module 'time' {
  const Time: { readonly ticks: number, delta (start: number, end?: number): number, set (seconds: number): void }
  export default Time
}

declare module 'mc/ffi' {
  /** The functions of `native.c`. */
  export default class FFI {
    door_random (bytes: ArrayBuffer, count: number): void
    door_reset_reason (): number
    door_restart (): void
    door_free_bytes (): number
    door_running_slot (): number
    door_is_pending (): number
    door_is_bootable (): number
    door_is_signed (key: ArrayBuffer, signature: ArrayBuffer, text: ArrayBuffer, count: number): number
    door_select (): void
    door_mark_valid (): void
    door_watch (ms: number): void
  }
}

interface ArrayBufferConstructor { fromString (text: string): ArrayBuffer }
interface StringConstructor { fromArrayBuffer (bytes: ArrayBuffer): string }
declare function trace (text: string): void
