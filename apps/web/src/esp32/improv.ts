import { ABOUT, commandPacket, GET_STATE, NETWORK, newImprovReader, readAnswer, SCAN, SERVER, type ImprovAnswer } from '@oncekey/host/improv-client'
import { BoardError } from './port.ts'

export type About = { firmware: string, version: string, chip: string, name: string }
export type Network = { ssid: string, dBm: number, isLocked: boolean }

/** Times in ms. A test has shorter ones. */
const usual = {
  /** Some boards start anew when their port is opened, and take a while. */
  greet: 6000,
  greetEach: 1000,
  answer: 4000,
  scan: 15_000,
  /** The board itself gives up after 25 seconds. */
  join: 35_000
}

/** Speaks Improv with a box, one question at a time. @param write puts bytes on the line */
export function improvClient (write: (bytes: Uint8Array) => Promise<void>, times: typeof usual = usual) {
  let reader = newImprovReader
  let hear: (answer: ImprovAnswer) => void = () => {}
  let fail: (error: BoardError) => void = () => {}

  /** Asks, again and again where `each` is given, until `take` has what it wanted. */
  async function ask<Result> (command: number, texts: readonly string[], ms: number, take: (answer: ImprovAnswer) => Result | undefined, each = ms): Promise<Result> {
    const { promise, resolve, reject } = Promise.withResolvers<Result>()
    const encoder = new TextEncoder()
    const say = (): void => { write(commandPacket(command, texts.map((text) => encoder.encode(text)))).catch(reject) }
    let isToldAgain = false
    fail = reject
    hear = (answer) => {
      if (answer.is === 'error' && answer.error === 'unknownCommand') return reject(new BoardError('other'))
      if (answer.is === 'error' && answer.error === 'invalidPacket' && !isToldAgain) {
        // Something else was on the line.
        isToldAgain = true
        return say()
      }
      const result = take(answer)
      if (result !== undefined) resolve(result)
    }
    const again = each < ms ? setInterval(say, each) : undefined
    const end = setTimeout(() => { reject(new BoardError('silent')) }, ms)
    say()
    return promise.finally(() => {
      clearInterval(again)
      clearTimeout(end)
      hear = () => {}
    })
  }
  const result = (command: number) => (answer: ImprovAnswer): readonly string[] | undefined => answer.is === 'result' && answer.command === command ? answer.texts : undefined

  return {
    read (bytes: Uint8Array): void {
      for (const byte of bytes) {
        const next = readAnswer(reader, byte)
        reader = next.reader
        if (next.answer !== null) hear(next.answer)
      }
    },
    /** Whoever waits for an answer hears that none will come. */
    lost (): void { fail(new BoardError('lost')) },
    /** Waits until the box says that it is there, and what it is. @throws BoardError silent when nothing that speaks Improv is there */
    async greet (ms = times.greet): Promise<About> {
      await ask(GET_STATE, [], ms, (answer) => answer.is === 'state' || undefined, times.greetEach)
      const [firmware = '', version = '', chip = '', name = ''] = await ask(ABOUT, [], times.answer, result(ABOUT))
      return { firmware, version, chip, name }
    },
    /** What the box can hear, the strongest first. */
    async scan (): Promise<Network[]> {
      const found: Network[] = []
      return ask(SCAN, [], times.scan, (answer) => {
        const texts = result(SCAN)(answer)
        if (texts === undefined) return undefined
        const [ssid, dBm, locked] = texts
        if (ssid === undefined) return found.toSorted((a, b) => b.dBm - a.dBm)
        found.push({ ssid, dBm: Number(dBm), isLocked: locked === 'YES' })
        return undefined
      })
    },
    /** Where its server is. @throws BoardError other when this box runs another program than ours */
    async server (url: string, fingerprint: string): Promise<void> {
      await ask(SERVER, [url, fingerprint], times.answer, result(SERVER))
    },
    /** Joins a network, which the box keeps when it worked. @throws BoardError notJoined */
    async join (ssid: string, password: string): Promise<void> {
      const failed = await ask(NETWORK, [ssid, password], times.join, (answer) => {
        if (answer.is === 'error' && answer.error !== 'none') return true
        return result(NETWORK)(answer) === undefined ? undefined : false
      })
      if (failed) throw new BoardError('notJoined')
    }
  }
}
