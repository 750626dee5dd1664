import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Door, POWER_ON, benchSettings } from './testing/door.ts'

/** Every payload of the trip arrives first with each of its characters altered, then as it was sent. */
class AlteredDoor extends Door {
  altered = 0

  override deliver (message: { topic: string, payload: string }): ReturnType<Door['deliver']> {
    const before = this.controller
    for (let i = 0; i < message.payload.length; i++) this.hasNoEffect({ ...message, payload: flip(message.payload, i) }, before)
    for (let i = 0; i < message.topic.length; i++) this.hasNoEffect({ ...message, topic: flip(message.topic, i) }, before)
    for (const payload of ['', '.', message.payload.slice(0, -1), message.payload + ' ', message.payload.slice(23)]) {
      this.hasNoEffect({ ...message, payload }, before)
    }
    return super.deliver(message)
  }

  private hasNoEffect (message: { topic: string, payload: string }, before: Door['controller']): void {
    assert.deepEqual(super.deliver(message), [])
    assert.deepEqual(this.controller, before)
    this.altered++
  }
}

function flip (text: string, at: number): string {
  return text.slice(0, at) + String.fromCharCode(text.charCodeAt(at) ^ 1) + text.slice(at + 1)
}

test('an altered byte anywhere, in any message of a full trip, moves nothing and changes nothing', () => {
  const d = new AlteredDoor()
  d.boot()
  d.senseAll()
  d.settings(benchSettings)
  d.online()
  d.ackAll()
  d.type('1#')
  d.answer(false)
  d.type('2#')
  d.answer(true)
  d.wait(300)
  d.command('c1', 'lock')
  d.wait(300)
  d.command('c2', 'clearLockout')
  d.wait(600_000 - d.now)
  d.say('time', { t1: 600_000, t2: POWER_ON + 600_000, t3: POWER_ON + 600_000 })
  assert.equal(d.moves(), 2)
  assert.ok(d.altered > 1000, String(d.altered))
})

test('everything that the server ever said, said again in any later state, moves nothing and changes nothing', () => {
  const recorded: { topic: string, payload: string }[] = []
  const d = new Door({ watch: (_, event) => { if (event.is === 'message') recorded.push(event) } })
  d.boot()
  d.senseAll()
  d.settings()
  d.online()
  d.ackAll()
  d.type('2#')
  d.answer(true)
  d.wait(20_000)
  d.command('c1', 'unlock')
  d.wait(20_000)
  const moves = d.moves()
  const replay = (): void => {
    const before = d.controller
    for (const { topic, payload } of [...recorded]) d.deliver({ topic, payload })
    assert.deepEqual(d.controller, before)
  }
  replay()
  d.disconnect()
  replay()
  d.connect()
  replay()
  d.welcome()
  replay()
  d.reboot()
  d.online()
  replay()
  assert.equal(d.moves(), moves)
})
