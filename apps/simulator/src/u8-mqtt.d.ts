/** The part of u8-mqtt 0.6.7 that is called here; the package has no types of its own. */
declare module 'u8-mqtt/esm/web/basic-v4.js' {
  export type Packet = { type: string, topic: string, payload: Uint8Array, qos: number, pkt_id?: number }
  /** What of a WebSocket is used. */
  export type MessageSocket = {
    readonly readyState: number
    binaryType: string
    onopen: (() => void) | null
    onmessage: ((event: { data: Uint8Array }) => void) | null
    onerror: (() => void) | null
    onclose: ((event: { wasClean: boolean }) => void) | null
    send: (bytes: Uint8Array<ArrayBuffer>) => void
  }
  export type Outgoing = { topic: string, payload: string, qos: 0 | 1, retain: boolean }
  export type Connect = {
    client_id: string
    username: string
    password: string
    keep_alive: number
    flags: { clean_start: boolean }
    will: { topic: string, payload: string, qos: 0 | 1, retain: boolean }
  }
  export type Client = {
    with_websock: (socket: MessageSocket) => Client
    /** Rejects when the broker refuses. */
    connect: (packet: Connect) => Promise<unknown>
    /** Resolves with the answer, or with an error when none came within some seconds. */
    subscribe: (packet: { topics: [string, { qos: number }][] }) => Promise<[{ answers?: { 0?: number } } | undefined, string?]>
    pub: (packet: Outgoing) => Promise<unknown>
    /** Sends without waiting for an answer. */
    _send: (type: 'publish', packet: Outgoing) => Promise<unknown>
    puback: (packet: Packet) => Promise<unknown>
    ping: () => Promise<unknown>
  }
  export type Options = {
    on_mqtt_type: { mqtt_publish: (packet: Packet) => void }
    on_error: (error: unknown) => void
    log_conn: () => void
    on_live: () => void
    on_disconnect: () => void
  }
  export function mqtt_v4 (options: Options): Client
}
