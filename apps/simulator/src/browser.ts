/**
 * The door in a page: the same program, steel and link as everywhere, with localStorage for its memory. A
 * reload is a power cut, and one tab is the controller. Everything that a drawing needs comes as one
 * snapshot.
 */
import type { Key, Tone } from '@oncekey/controller'
import { notesOf, type Note } from '@oncekey/drivers'
import type { Settings } from '@oncekey/protocol/messages'
import { happeningsOf, settingsIn, type Happening, type What } from './happenings.ts'
import { look, newSteel, type LockView, type Steel } from './hardware.ts'
import { newHost, type Host, type Passed } from './host.ts'
import { identityFrom } from '@oncekey/host'
import { browserLink } from './mqtt-browser.ts'
import { onlyTab, type KeyValue, type LockRequests } from './one-tab.ts'
import { memoryStorage, realClock, realEntropy, type Link, type Storage } from './ports.ts'

export type { Happening, What } from './happenings.ts'
export type { Key } from '@oncekey/controller'
export type { Note } from '@oncekey/drivers'

/** The server's answer to GET /api/v1/controllers/{id}/simulation. */
export type Simulation = { siteId: string, controllerId: string, key: string, mqttPath: string, locks: number }

export type DrawnLock = LockView & { label: string, kind: 'door' | 'compartment' }

export type DoorSnapshot = {
  /**
   * `elsewhere`: another tab is the controller; this one takes over when that one closes. `displaced`: another
   * browser is; this one waits for `take`.
   */
  role: 'starting' | 'controller' | 'elsewhere' | 'displaced'
  name: string
  rows: readonly [string, string]
  locks: readonly DrawnLock[]
  powered: boolean
  network: boolean
  connected: boolean
  /** What the buzzer played last, counted so that the same twice can be told apart. */
  sound: { notes: readonly Note[], count: number } | null
  /** Newest first. */
  happenings: readonly Happening[]
}

export type BrowserDoor = {
  press: (key: Key) => void
  /** Opens or closes; a locked door stays shut. */
  toggleDoor: (lock: number) => void
  setNetwork: (on: boolean) => void
  setPower: (on: boolean) => void
  jam: (lock: number, jammed: boolean) => void
  snapshot: () => DoorSnapshot
  /** Takes the door back from another browser. */
  take: () => void
  /** The page is left: a power cut. */
  stop: () => void
}

export type BrowserDoorOptions = {
  simulation: Simulation
  onChange: (snapshot: DoorSnapshot) => void
  /** What the path is relative to; the page's base when absent. */
  base?: string
  /** For tests; the page's own when absent. */
  store?: KeyValue
  locks?: LockRequests | undefined
  link?: Link
}

const KEPT = 60
const ELSEWHERE_MS = 400
const blank: readonly [string, string] = [' '.repeat(16), ' '.repeat(16)]

/** Starts the door, or waits for the tab that has it. Throws when the key is none. */
export function startBrowserDoor (options: BrowserDoorOptions): BrowserDoor {
  const { simulation } = options
  const identity = identityFrom(simulation)
  if (identity === null) throw new Error('The key of this controller is not 32 bytes.')
  const lockName = `oncekey-door-${simulation.controllerId}`
  const store = options.store ?? pageStore()
  const happenings: Happening[] = []
  const clock = realClock()
  const link = options.link ?? browserLink({ url: mqttUrl(simulation.mqttPath, options.base ?? document.baseURI), maxMs: 8000, onDisplaced: () => halt('displaced') })
  let host: Host | null = null
  let role: DoorSnapshot['role'] = 'starting'
  let settings: Settings | null = null
  let sound: DoorSnapshot['sound'] = null
  let counted = 0
  let wasConnected = false
  let announced = false

  const late = setTimeout(() => {
    if (role !== 'starting') return
    role = 'elsewhere'
    announce()
  }, ELSEWHERE_MS)
  const giveUp = onlyTab(lockName, run, { locks: 'locks' in options ? options.locks : globalThis.navigator?.locks, store })
  announce()

  return {
    press: (key) => host?.key(key),
    toggleDoor (lock) {
      const shut = locks().find((one) => one.lock === lock)?.doorState === 'closed'
      const moved = host?.moveDoor(lock, shut ? 'open' : 'closed')
      happened('door', { what: shut ? moved === true ? 'doorOpened' : 'doorHeld' : 'doorClosed', lock })
    },
    setNetwork (on) {
      if (host === null || host.network === on) return
      happened('door', { what: on ? 'networkOn' : 'networkOff' })
      if (on) host.plugNetwork()
      else host.pullNetwork()
    },
    setPower (on) {
      if (host === null || host.powered === on) return
      happened('door', { what: on ? 'powerOn' : 'powerOff' })
      if (on) host.powerOn()
      else host.powerOff()
    },
    jam (lock, jammed) {
      happened('door', { what: jammed ? 'wedged' : 'freed', lock })
      host?.jam(lock, jammed)
    },
    snapshot,
    take () { if (role === 'displaced') begin() },
    stop () {
      clearTimeout(late)
      giveUp()
    }
  }

  /** What is displaced stays this browser's one tab: another of its tabs would only take up the quarrel. */
  function run (): () => void {
    begin()
    return () => halt('elsewhere')
  }

  function begin (): void {
    role = 'controller'
    settings = readJson<Settings>(store.getItem(`${lockName}/settings`))
    host = newHost({
      identity,
      locks: simulation.locks,
      link,
      storage: pageStorage(store, `${lockName}/saved/`),
      clock,
      entropy: realEntropy,
      steel: steelFrom(store.getItem(`${lockName}/steel`), simulation.locks),
      watcher: { changed, tone, passed }
    })
    host.powerOn()
  }

  function halt (next: DoorSnapshot['role']): void {
    host?.powerOff()
    link.drop()
    keepSteel()
    host = null
    role = next
    announce()
  }

  function tone (tone: Tone): void {
    sound = { notes: notesOf(tone), count: (sound?.count ?? 0) + 1 }
    announce()
  }

  function passed (message: Passed): void {
    for (const { from, ...fact } of happeningsOf(message)) happened(from, fact)
    const news = settingsIn(message)
    if (news === null) return
    settings = news
    store.setItem(`${lockName}/settings`, JSON.stringify(news))
  }

  function happened (from: Happening['from'], fact: { what: What, lock?: number, count?: number }): void {
    happenings.unshift({ id: ++counted, at: Date.now(), from, ...fact })
    if (happenings.length > KEPT) happenings.pop()
    announce()
  }

  function changed (): void {
    if (host !== null && host.connected !== wasConnected) {
      wasConnected = host.connected
      if (wasConnected) happened('door', { what: 'connected' })
      else if (host.powered && host.network) happened('door', { what: 'lost' })
    }
    keepSteel()
    announce()
  }

  function keepSteel (): void {
    if (host === null) return
    // At rest at its goal: the clock of the next page starts elsewhere.
    const locks = host.steel.locks.map((one) => ({ ...one, bolt: { from: one.bolt.to, to: one.bolt.to, since: 0 } }))
    const text = JSON.stringify({ locks })
    if (store.getItem(`${lockName}/steel`) !== text) store.setItem(`${lockName}/steel`, text)
  }

  /** Many things change in one turn; the page hears of them once. */
  function announce (): void {
    if (announced) return
    announced = true
    queueMicrotask(() => {
      announced = false
      options.onChange(snapshot())
    })
  }

  function locks (): LockView[] {
    return host === null ? [] : look(host.steel, clock.now())
  }

  function snapshot (): DoorSnapshot {
    return {
      role,
      name: settings?.name ?? '',
      rows: host?.rows ?? blank,
      locks: locks().map((view) => {
        const known = settings?.locks.find((one) => one.lock === view.lock)
        return { ...view, label: known?.label ?? String(view.lock), kind: known?.kind ?? (simulation.locks > 1 ? 'compartment' : 'door') }
      }),
      powered: host?.powered ?? false,
      network: host?.network ?? false,
      connected: host?.connected ?? false,
      sound,
      happenings: [...happenings]
    }
  }
}

/** ws:// beside http://, wss:// beside https://; a path of the server is taken below the page's base. */
export function mqttUrl (path: string, base: string): string {
  const url = new URL(path.startsWith('/') ? path.slice(1) : path, base)
  url.protocol = url.protocol === 'https:' ? 'wss:' : 'ws:'
  url.search = url.hash = ''
  return url.href
}

/** The program's durable map as keys of localStorage. */
function pageStorage (store: KeyValue, prefix: string): Storage {
  return {
    load () {
      const saved: Record<string, string> = {}
      for (let i = 0; i < store.length; i++) {
        const key = store.key(i)
        if (key?.startsWith(prefix) === true) saved[key.slice(prefix.length)] = store.getItem(key) ?? ''
      }
      return saved
    },
    set (key, value) {
      if (value === '') store.removeItem(prefix + key)
      else try { store.setItem(prefix + key, value) } catch { /* Full: the door goes on and forgets this at the next reload. */ }
    }
  }
}

/** localStorage, or memory where the browser refuses it (private windows, policies): then a reload forgets. */
function pageStore (): KeyValue {
  try {
    localStorage.setItem('oncekey-door', '1')
    localStorage.removeItem('oncekey-door')
    return localStorage
  } catch {
    const { saved, set } = memoryStorage()
    return {
      get length () { return Object.keys(saved).length },
      key: (index) => Object.keys(saved)[index] ?? null,
      getItem: (key) => saved[key] ?? null,
      setItem: set,
      removeItem: (key) => set(key, '')
    }
  }
}

function steelFrom (text: string | null, count: number): Steel {
  const steel = readJson<Steel>(text)
  return steel?.locks?.length === count ? steel : newSteel(count)
}

/** What we wrote ourselves; null when it is not there or torn. */
function readJson<T> (text: string | null): T | null {
  try {
    return text === null ? null : JSON.parse(text) as T // our own writing, and nothing but a drawing depends on it
  } catch {
    return null
  }
}
