/**
 * The server as `oncekey start` runs it, with codes of twelve digits, whose clock can be moved and whose memory can be
 * looked at by lines on its standard input: `wait MS`, `collect`, `heap PATH`, `say TEXT` (to its log), `keep TEXT`.
 */
import { createInterface } from 'node:readline'
import { writeHeapSnapshot } from 'node:v8'
import { readConfig, startServer } from '@oncekey/server'

let shiftMs = 0
const kept: string[] = []
const write = (level: string) => (message: string, facts?: Record<string, unknown>): void => { process.stderr.write(JSON.stringify({ level, message, ...facts }) + '\n') }
const log = { info: write('info'), warn: write('warn'), error: write('error') }
const server = await startServer(readConfig(), { leastDigits: 12, clock: () => Date.now() + shiftMs, log })
console.log(`Set it up:\n  ${server.setupLink ?? server.url}\n`)

for await (const line of createInterface({ input: process.stdin })) {
  const [word = '', ...rest] = line.split(' ')
  const text = rest.join(' ')
  if (word === 'wait') shiftMs += Number(text)
  if (word === 'collect') for (let i = 0; i < 3; i++) globalThis.gc?.()
  if (word === 'heap') writeHeapSnapshot(text)
  if (word === 'say') log.info(text)
  // As a string of its own, and not as a slice of the line.
  if (word === 'keep') kept.push(JSON.parse(JSON.stringify({ text })).text)
  console.log(`done ${word}`)
}
await server.close()
