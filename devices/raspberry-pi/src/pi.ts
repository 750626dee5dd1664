import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { freemem, uptime } from 'node:os'
import { join } from 'node:path'
import { identityFrom, newBoard, newRunner, type BoardPins, type BrokerAt, type Commissioned } from '@oncekey/host'
import { brokerOf, commission, mqttLink, nodeHmac, realClock, realEntropy, type Link } from '@oncekey/simulator'
import { journal } from './journal.ts'

export type PiOptions = {
  /** The server's address, like https://keys.example.org */
  server: string
  /** A folder of its own, for who this box is and what it remembers; made if it is not there. */
  folder: string
  pins: BoardPins
  firmware?: string
  /** Told the claim code of a box that is nobody's; it is on the display, too. */
  onClaimCode?: (claimCode: string) => void
  /** Something failed for good: the server refuses this box, or the disk does not take what has to be remembered. */
  onFailure?: (error: unknown) => void
}

export type Pi = {
  readonly connected: boolean
  readonly claimed: boolean
  /** Pulls the power: pulses end, the broker tells that it is gone. */
  stop: () => void
}

/** Starts the door. It works from the first moment: what needs the server waits for it. */
export function runPi (options: PiOptions): Pi {
  const { folder, server, pins, onFailure = () => {} } = options
  const firmware = options.firmware ?? '0.1.0'
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  const clock = realClock()
  const storage = journal(join(folder, 'memory'))
  const leaving = new AbortController()
  let broker: BrokerAt | null = null
  /** Where the broker is becomes known with the owner. */
  let line: Link | null = null
  const link: Link = {
    open (login, listener) {
      // The broker of the owner, which may be another one than before.
      line ??= mqttLink(brokerOf(new URL(server).hostname, broker ?? {}))
      line.open(login, listener)
    },
    publish: (topic, payload, qos, retain) => line?.publish(topic, payload, qos, retain),
    drop () {
      line?.drop()
      line = null
    }
  }
  const known = readOwner(folder)
  broker = known
  const runner = newRunner({
    identity: known === null ? null : identityFrom(known),
    locks: pins.locks.length, parts: newBoard(pins, clock), link, storage, clock, entropy: realEntropy, firmware, hardware: 'raspberry-pi', hmac: nodeHmac, records: 10_000,
    disown () {
      rmSync(ownerPath(folder), { force: true })
      // Out of the program's own turn: it starts as nobody's first.
      setImmediate(begin)
    }
  }, { broken: onFailure })
  const minute = setInterval(() => { runner.measure({ millivolts: 0, freeBytes: freemem() }) }, 60_000)
  // Shortly after the machine, or alone.
  runner.powerOn(uptime() < 180 ? 'powerOn' : 'software')
  if (known === null) begin()
  return {
    get connected () { return runner.connected },
    get claimed () { return runner.identity !== null },
    stop () {
      leaving.abort()
      clearInterval(minute)
      runner.powerOff()
      storage.close()
    }
  }

  function begin (): void {
    claim().catch((error: unknown) => {
      if (!leaving.signal.aborted) onFailure(error)
    })
  }

  async function claim (): Promise<void> {
    const owner = await commission({
      server, locks: pins.locks.length, hardware: 'raspberry-pi', firmware, signal: leaving.signal,
      onClaimCode (code) {
        runner.unclaimed(code)
        options.onClaimCode?.(code)
      }
    })
    const identity = identityFrom(owner)
    if (leaving.signal.aborted || identity === null) return
    writeOwner(folder, owner)
    broker = owner
    runner.adopt(identity)
  }
}

function ownerPath (folder: string): string {
  return join(folder, 'owner.json')
}

/** Who owns this box; null when nobody does. Our own file, for the eyes of this user only: it holds the root key. */
function readOwner (folder: string): Commissioned | null {
  const path = ownerPath(folder)
  return existsSync(path) ? JSON.parse(readFileSync(path, 'utf8')) as Commissioned : null // written below, whole or not at all
}

function writeOwner (folder: string, owner: Commissioned): void {
  const path = ownerPath(folder)
  writeFileSync(`${path}.new`, JSON.stringify(owner), { mode: 0o600, flush: true })
  renameSync(`${path}.new`, path)
}
