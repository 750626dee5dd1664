/** `simulate`: one door at a terminal, or thousands of them against a server. */
import { readFile, writeFile } from 'node:fs/promises'
import { getCACertificates, setDefaultCACertificates } from 'node:tls'
import { parseArgs } from 'node:util'
import { MAX_LOCK } from '@oncekey/protocol/messages'
import { brokerOf, commission, type BrokerAt } from './commission.ts'
import { simulateDoor, type SimulatedDoor } from './door.ts'
import { withFaults, type Faults } from './fault.ts'
import { nodeHmac } from './hmac.ts'
import { nodeUpdates } from './updates-node.ts'
import { identityFrom, type IdentityFile } from '@oncekey/host'
import { mqttLink, type NodeLinkOptions } from './mqtt-node.ts'
import { realClock } from './ports.ts'
import { help, parseScript, picture, play } from './script.ts'

const usage = `Doors without hardware.

  simulate --server http://127.0.0.1:8080                  a new door: type its claim code in the web app
  simulate --identity door.json --mqtt mqtt://127.0.0.1    a door that is known already

  --server URL       the server; default http://127.0.0.1:8080
  --ca FILE          trust this authority, too (PEM; a server of your own gives it at /ca.pem)
  --mqtt URL         the broker, mqtt:// mqtts:// ws:// wss://; default: the server's own
  --identity FILE    who the doors are; written after commissioning if it is not there yet
  --count N          how many doors, 1..10000; default 1
  --locks N          locks of a new door, 1..96; default 1
  --script STEPS     what every door does, then the end; without it doors run until Ctrl+C
  --seed N --drop P --duplicate P --delay MS     a bad network, chances 0..1
  --quiet            print nothing but claim codes and errors

Steps of a script, with semicolons between them:
${help}`

type Print = (line: string) => void

/** Runs the command and returns its exit code: 0 done, 1 failed, 2 wrong arguments. */
export async function main (args: readonly string[], print: Print = (line) => console.log(line), signal: AbortSignal = interrupted()): Promise<number> {
  let wish: Wish
  try {
    wish = read(args)
  } catch (error) {
    print(error instanceof Error ? error.message : String(error))
    return 2
  }
  if (wish.help) {
    print(usage)
    return 0
  }
  const doors: SimulatedDoor[] = []
  try {
    // Beside those that are known, for whatever this process calls.
    if (wish.ca !== null) setDefaultCACertificates([...getCACertificates('default'), await readFile(wish.ca, 'utf8')])
    const known = await identities(wish, print, signal)
    const started = known.map(({ file, mqtt }, i) => {
      const identity = identityFrom(file)
      if (identity === null) throw new Error(`The key of controller ${file.controllerId} is not 32 bytes of base64url.`)
      const link = mqttLink(mqtt)
      const door = simulateDoor({
        identity, locks: file.locks, hmac: nodeHmac, updates: nodeUpdates(), remember: 0, link: wish.faults === null ? link : withFaults(link, { ...wish.faults, seed: wish.faults.seed + i }, realClock()),
        onChange: wish.quiet || known.length > 1 || wish.steps !== null ? () => {} : onNewPicture(print, () => doors[i])
      })
      doors.push(door)
      return { door, name: file.controllerId }
    })
    if (wish.steps === null) {
      if (!wish.quiet) print(`${started.length} ${started.length === 1 ? 'door runs' : 'doors run'}. Ctrl+C ends.`)
      await aborted(signal)
      return 0
    }
    const steps = wish.steps
    await Promise.all(started.map(async ({ door, name }) => {
      await door.until(() => door.connected, 60_000)
      await play(door, steps, wish.quiet ? () => {} : known.length > 1 ? (line) => print(`${name}\n${line}`) : print)
    }))
    return 0
  } catch (error) {
    if (signal.aborted) return 0
    print(error instanceof Error ? error.message : String(error))
    return 1
  } finally {
    for (const door of doors) door.stop()
  }
}

type Wish = {
  help: boolean, quiet: boolean, server: string, ca: string | null, mqtt: string | null, identity: string | null, count: number, locks: number
  steps: ReturnType<typeof parseScript> | null, faults: Faults | null
}

function read (args: readonly string[]): Wish {
  const { values } = parseArgs({
    args: [...args],
    options: {
      help: { type: 'boolean', short: 'h' }, quiet: { type: 'boolean' }, server: { type: 'string' }, ca: { type: 'string' }, mqtt: { type: 'string' }, identity: { type: 'string' },
      count: { type: 'string' }, locks: { type: 'string' }, script: { type: 'string' },
      seed: { type: 'string' }, drop: { type: 'string' }, duplicate: { type: 'string' }, delay: { type: 'string' }
    }
  })
  const number = (name: 'count' | 'locks' | 'seed' | 'drop' | 'duplicate' | 'delay', otherwise: number, from: number, to: number): number => {
    const value = Number(values[name] ?? otherwise)
    const whole = name === 'drop' || name === 'duplicate' || Number.isInteger(value)
    if (!whole || !(value >= from && value <= to)) throw new Error(`--${name} must be a number from ${from} to ${to}.`)
    return value
  }
  const faulty = values.drop !== undefined || values.duplicate !== undefined || values.delay !== undefined
  return {
    help: values.help ?? false,
    quiet: values.quiet ?? false,
    server: values.server ?? 'http://127.0.0.1:8080',
    ca: values.ca ?? null,
    mqtt: values.mqtt ?? null,
    identity: values.identity ?? null,
    count: number('count', 1, 1, 10_000),
    locks: number('locks', 1, 1, MAX_LOCK),
    steps: values.script === undefined ? null : parseScript(values.script),
    faults: faulty ? { seed: number('seed', 1, 0, 0xffffffff), drop: number('drop', 0, 0, 1), duplicate: number('duplicate', 0, 0, 1), delayMs: number('delay', 0, 0, 60_000) } : null
  }
}

/** Who the doors are: from the file, or new ones that somebody claims in the web app. */
async function identities (wish: Wish, print: Print, signal: AbortSignal): Promise<{ file: IdentityFile, mqtt: NodeLinkOptions }[]> {
  const host = new URL(wish.server).hostname
  const stored = wish.identity === null ? null : await readIdentities(wish.identity)
  const brokerFor = (at: Partial<BrokerAt>): NodeLinkOptions => wish.mqtt === null ? brokerOf(host, at) : { url: wish.mqtt, ...(at.ca ? { ca: at.ca } : {}) }
  if (stored !== null) return stored.slice(0, Math.max(wish.count, 1)).map((file) => ({ file, mqtt: brokerFor(file) }))
  const made = await Promise.all(Array.from({ length: wish.count }, () => commission({
    server: wish.server, locks: wish.locks, signal,
    onClaimCode: (code) => print(`Claim code: ${code.slice(0, 4)}-${code.slice(4, 8)}-${code.slice(8)}`)
  })))
  // It holds root keys: for the owner's eyes only.
  if (wish.identity !== null) await writeFile(wish.identity, JSON.stringify(made.length === 1 ? made[0] : made, null, 2) + '\n', { mode: 0o600 })
  return made.map((file) => ({ file, mqtt: brokerFor(file) }))
}

/** null when there is no such file yet. */
async function readIdentities (path: string): Promise<(IdentityFile & Partial<BrokerAt>)[] | null> {
  let text: string
  try {
    text = await readFile(path, 'utf8')
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null
    throw error
  }
  const found: unknown = JSON.parse(text)
  const list: unknown[] = Array.isArray(found) ? found : [found]
  return list.map((one) => {
    const { siteId, controllerId, key, locks = 1, mqttPort, mqttsPort, ca } = Object(one) as Record<string, unknown>
    if (typeof siteId !== 'string' || typeof controllerId !== 'string' || typeof key !== 'string' || typeof locks !== 'number') {
      throw new Error(`${path} does not hold an identity: {"siteId", "controllerId", "key", "locks"}, or a list of them.`)
    }
    return { siteId, controllerId, key, locks, ...(typeof mqttPort === 'number' ? { mqttPort } : {}), ...(typeof mqttsPort === 'number' ? { mqttsPort } : {}), ...(typeof ca === 'string' ? { ca } : {}) }
  })
}

/** Prints the door whenever it looks different. */
function onNewPicture (print: Print, door: () => SimulatedDoor | undefined): () => void {
  let last = ''
  return () => {
    const one = door()
    const now = one === undefined ? last : picture(one)
    if (now !== last) print(last = now)
  }
}

function interrupted (): AbortSignal {
  const stop = new AbortController()
  for (const name of ['SIGINT', 'SIGTERM'] as const) process.once(name, () => stop.abort())
  return stop.signal
}

function aborted (signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve()
    // Doors whose network is away have nothing that keeps the process alive.
    const alive = setInterval(() => {}, 60_000)
    signal.addEventListener('abort', () => { clearInterval(alive); resolve() }, { once: true })
  })
}
