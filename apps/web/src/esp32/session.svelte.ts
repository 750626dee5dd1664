import { improvClient, type About, type Network } from './improv.ts'
import type { Part } from './image.ts'
import { BoardError, choosePort, openLine, type Fault, type Line, type Port } from './port.ts'

export type Step = 'connect' | 'program' | 'network' | 'claim'

/** A board that was just written, or has lost power, comes up within this. ms */
const START_MS = 25_000

/** One board at the cable, from the choice of its port to the network that it joined. Whoever leaves calls `end`. */
export function boardSession () {
  let step = $state<Step>('connect')
  let busy = $state(false)
  let fault = $state<Fault | null>(null)
  let about = $state.raw<About | null>(null)
  let networks = $state.raw<readonly Network[]>([])
  /** How much is written, 0..1; null: nothing is. */
  let written = $state<number | null>(null)
  let port: Port | null = null
  let line: Line | null = null
  const improv = improvClient(async (bytes) => {
    if (line === null) throw new BoardError('lost')
    await line.write(bytes)
  })

  /** One thing at a time; what went wrong is told by its name. */
  async function work (doing: () => Promise<void>): Promise<void> {
    if (busy) return
    busy = true
    fault = null
    try {
      await doing()
    } catch (error) {
      fault = error instanceof BoardError ? error.fault : 'lost'
      // Whatever is plugged in again is chosen again: it may be another one.
      if (fault === 'lost') {
        step = 'connect'
        await hangUp()
      }
    }
    busy = false
  }
  async function hangUp (): Promise<void> {
    const open = line
    line = null
    await open?.close()
  }
  async function greet (ms?: number): Promise<void> {
    if (port === null) return
    await hangUp()
    line = await openLine(port, improv.read, () => {
      improv.lost()
      // Told at once, not when somebody presses something.
      void work(() => Promise.reject(new BoardError('lost')))
    })
    about = await improv.greet(ms)
    step = 'network'
  }
  async function look (): Promise<void> {
    // Boards that can not look around are told the name by hand.
    networks = await improv.scan().catch((error: unknown) => {
      if (error instanceof BoardError && error.fault === 'lost') throw error
      return []
    })
  }

  return {
    get step (): Step { return step },
    get busy (): boolean { return busy },
    get fault (): Fault | null { return fault },
    get about (): About | null { return about },
    get networks (): readonly Network[] { return networks },
    get written (): number | null { return written },
    /** Chooses a board and asks it what it runs; one that says nothing wants a program. */
    connect: () => work(async () => {
      port = await choosePort()
      try {
        await greet()
      } catch (error) {
        if (!(error instanceof BoardError) || error.fault !== 'silent') throw error
        step = 'program'
        return
      }
      await look()
    }),
    /** Back to the step of the program, though the board has one. */
    another: () => { step = 'program' },
    /** Asks the board once more, without writing anything. */
    again: () => work(async () => {
      await greet(START_MS)
      await look()
    }),
    look: () => work(look),
    write: (parts: readonly Part[], eraseAll: boolean) => work(async () => {
      if (port === null) return
      await hangUp()
      about = null
      written = 0
      try {
        const { flash } = await import('./flash.ts')
        await flash(port, parts, eraseAll, (share) => { written = share })
        await greet(START_MS)
      } finally {
        written = null
      }
      await look()
    }),
    join: (server: string, fingerprint: string, ssid: string, password: string) => work(async () => {
      await improv.server(server, fingerprint)
      await improv.join(ssid, password)
      step = 'claim'
      await hangUp()
    }),
    end: () => { void hangUp() }
  }
}
