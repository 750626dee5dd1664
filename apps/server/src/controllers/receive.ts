import type { Request } from '@oncekey/protocol/messages'
import { answerCodeRequest } from '../doors/answer.ts'
import type { House } from '../house.ts'
import { atReader } from '../access/reader.ts'
import { verifyEntry } from '../access/verify.ts'
import { noteDuplicate, noteForgery } from './alarms.ts'
import { resultOf } from './commands.ts'
import { greet, left, opened } from './greet.ts'
import type { Said } from './link.ts'
import { linesOf, lineTo, sayTo, type Line } from './links.ts'
import { measured } from './measure.ts'
import { takeRecords } from './records.ts'

/** A controller that waits for its answers has a handful on the way; one that does not is not to fill the queue of all. */
const MOST_AT_WORK = 64

/** Hears every controller from now on. Call it once for a house, before its broker takes connections. */
export function hearControllers (house: House): void {
  house.transport.onMessage((topic, payload, client) => { withLine(house, client, (line) => receiveInMeasure(house, line, topic, payload)) })
  house.transport.onPresence((client, isConnected) => { if (!isConnected) withLine(house, client, (line) => left(house, line)) })
  house.transport.onAbuse((client, what) => {
    if (what === 'duplicate') noteDuplicate(house, client)
    else noteForgery(house, client, what)
  })
}

/** Messages of one controller stay in their order, also while its keys are still being loaded. */
function withLine (house: House, client: string, work: (line: Line) => Promise<void>): void {
  const failed = (error: unknown): void => { house.log.error('a message of a controller was not served', { controller: client, error }) }
  const known = linesOf(house).loaded.get(client)
  if (known !== undefined) work(known).catch(failed)
  else lineTo(house, client).then((line) => line === null ? undefined : work(line)).catch(failed)
}

/** What comes while too much of the same controller is at work is not heard, as if the line had lost it: what matters comes again. */
async function receiveInMeasure (house: House, line: Line, topic: string, payload: string): Promise<void> {
  if (line.atWork >= MOST_AT_WORK) return noteForgery(house, line.id, 'tooMany')
  line.atWork++
  try {
    await receive(house, line, topic, payload)
  } finally {
    line.atWork--
  }
}

async function receive (house: House, line: Line, topic: string, payload: string): Promise<void> {
  const heard = line.link.hear(topic, payload)
  switch (heard.is) {
    case 'hint': return
    case 'disbelieved': return noteForgery(house, line.id, heard.why)
    case 'hello': return greet(house, line, heard.hello)
    case 'said': {
      if (heard.opened !== null) line.hello = heard.opened
      // Both are begun in this turn, so that their writes are in the order of the messages.
      const first = heard.opened === null ? undefined : opened(house, line, heard.opened)
      const then = dispatch(house, line, heard)
      await Promise.all([first, then])
    }
  }
}

function dispatch (house: House, line: Line, said: Said): Promise<void> | void {
  switch (said.name) {
    case 'state': return measured(house, line, said.body)
    case 'event': return takeRecords(house, line, said.body)
    case 'request': return answer(house, line, said.body)
    case 'result': return resultOf(house, line, said.body)
    case 'time': {
      const now = house.clock()
      sayTo(house, line.id, 'time', { t1: said.body.t1, t2: now, t3: now })
      return
    }
    case 'health': line.health = said.body
  }
}

async function answer (house: House, line: Line, request: Request): Promise<void> {
  if (!linesOf(house).questions.take(line.id)) return
  const digits = line.link.digits(request)
  if (request.kind === 'requestCode') return answerCodeRequest(house, line, request, digits)
  if (digits === null) return noteForgery(house, line.id, 'malformed')
  const verdict = await house.db.write((trx) => verifyEntry(trx, house, { controller: line.named, requestId: request.id, lock: request.lock, digits }), { beside: [atReader(line.id)] })
  sayTo(house, line.id, 'answer', { id: request.id, kind: 'verify', ...verdict })
}
