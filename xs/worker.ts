// The XS engine in a process of its own, spoken to as its worker wants it: netstrings (length ":" bytes ",") on two pipes.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import type { Readable, Writable } from 'node:stream'

const platform = process.platform === 'darwin' ? 'mac' : 'lin'
const program = join(import.meta.dirname, 'node_modules/@agoric/xsnap/xsnap-native/xsnap/build/bin', platform, 'release/xsnap-worker')
/** One call may compute this much; the worker's own count of computrons has 31 bits. */
const LIMIT = 2_000_000_000

/** `slots`: in use right after the call; garbage counts until it was collected. */
export type Called = { reply: string, slots: number }
export type Xs = { run: (source: string) => Promise<Called>, call: (message: string) => Promise<Called>, close: () => Promise<void> }

/** Starts an engine. `run` evaluates a script; `call` hands a text to its `handleCommand`, which answers in bytes. */
export async function openXs (): Promise<Xs> {
  const child = spawn(program, ['oncekey', '-l', String(LIMIT)], { stdio: ['ignore', 'inherit', 'inherit', 'pipe', 'pipe'] })
  const ended = once(child, 'exit')
  ended.catch(() => {})
  await once(child, 'spawn')
  const [,,, toXs, fromXs] = child.stdio
  const replies = netstrings(fromXs as Readable)

  async function ask (text: string): Promise<Called> {
    const bytes = Buffer.from(text)
    const writer = toXs as Writable
    writer.write(String(bytes.length) + ':')
    writer.write(bytes)
    writer.write(',')
    const next = await replies.next()
    if (next.done === true) throw new Error('The engine ended: ' + String(await ended))
    const answer = next.value
    const at = answer.indexOf(1)
    if (answer[0] !== 46) throw new Error('On XS: ' + answer.subarray(1).toString())
    const { currentHeapCount } = JSON.parse(answer.subarray(1, at).toString()) as { currentHeapCount: number }
    return { reply: answer.subarray(at + 1).toString(), slots: currentHeapCount }
  }

  return {
    run: (source) => ask('e' + source),
    call: (message) => ask('?' + message),
    async close () {
      (toXs as Writable).end()
      await ended
    }
  }
}

async function * netstrings (stream: Readable): AsyncGenerator<Buffer, void> {
  let held: Buffer[] = []
  let length = 0
  let wanted = -1
  for await (const chunk of stream as AsyncIterable<Buffer>) {
    held.push(chunk)
    length += chunk.length
    for (;;) {
      if (wanted >= 0 && length < wanted) break
      const all = held.length === 1 ? held[0]! : Buffer.concat(held)
      held = [all]
      if (wanted < 0) {
        const colon = all.indexOf(58)
        if (colon < 0) break
        wanted = colon + 1 + Number(all.subarray(0, colon).toString()) + 1
        continue
      }
      yield all.subarray(all.indexOf(58) + 1, wanted - 1)
      held = [all.subarray(wanted)]
      length -= wanted
      wanted = -1
    }
  }
}
