import assert from 'node:assert/strict'
import { test } from 'node:test'
import { door, PowerCut, type Door } from './testing/door.ts'
import type { Effect } from './types.ts'

/** A door with version 1.0.0, on line. */
function ready (options: Parameters<typeof door>[0] = {}): Door {
  const d = door(options)
  d.firmware = '1.0.0'
  d.reboot()
  d.online()
  d.ackAll()
  d.wait(3000)
  return d
}

/** Measured twice: then it counts. */
function measure (d: Door, millivolts: number): void {
  if (d.controller.settings?.battery === undefined) d.settings({ version: 2, battery: { lowMillivolts: 3500, criticalMillivolts: 3300 } })
  d.health({ millivolts })
  d.health({ millivolts })
}

/** What the host was asked to do about updates, in order: 'fetch 1.1.0', 'fetch nothing', 'restart new', 'keep'. */
function wishes (d: Door, from = 0): string[] {
  return d.effects.slice(from).flatMap((effect: Effect) => {
    if (effect.do === 'fetch') return ['fetch ' + (effect.image?.version ?? 'nothing')]
    if (effect.do === 'restart') return ['restart ' + effect.into]
    return effect.do === 'keep' ? ['keep'] : []
  })
}

const outcomes = (d: Door): string[] => d.log().filter((line) => line.startsWith('update.'))

/** The restart that was asked for comes, with this program. */
function restarts (d: Door, firmware: string): void {
  d.firmware = firmware
  d.reboot('update')
}

test('a new program is fetched, tried, and kept once it was welcomed and every contact says what it said before', () => {
  const d = ready()
  const movesBefore = d.moves()
  d.offer(1)
  d.step({ is: 'fetched', offer: 1, fault: null })
  assert.deepEqual(wishes(d), ['fetch nothing', 'fetch 1.1.0', 'restart new'])
  restarts(d, '1.1.0')
  assert.deepEqual(outcomes(d), [])
  d.online()
  assert.deepEqual(wishes(d).slice(3), ['keep'])
  assert.deepEqual(outcomes(d), ['update.ended 1 installed'])
  d.wait(200_000)
  d.reboot()
  assert.deepEqual(wishes(d).slice(4), [])
  assert.deepEqual(outcomes(d), ['update.ended 1 installed'])
  assert.equal(d.moves(), movesBefore, 'nothing moves for an update')
})

test('120 s without the server, and the old program runs again', () => {
  const d = ready()
  d.offer(1)
  d.step({ is: 'fetched', offer: 1, fault: null })
  restarts(d, '1.1.0')
  d.wait(119_999)
  assert.deepEqual(wishes(d).slice(3), [])
  d.wait(1)
  assert.deepEqual(wishes(d).slice(3), ['restart old'])
  d.wait(500_000)
  assert.deepEqual(wishes(d).slice(3), ['restart old'], 'asked once in a life')
  restarts(d, '1.0.0')
  d.online()
  assert.deepEqual(outcomes(d), ['update.ended 1 wentBack'])
  d.offer(1)
  assert.deepEqual(wishes(d).slice(4), [], 'the same offer is not tried again')
})

test('a connection without a welcome is not enough, nor is a contact that says something else', () => {
  const d = ready({ locks: 2 })
  d.offer(1)
  d.step({ is: 'fetched', offer: 1, fault: null })
  restarts(d, '1.1.0')
  d.connect()
  assert.deepEqual(wishes(d).slice(3), [])
  d.bolt(2).lockState = 'unknown'
  d.sense(2)
  d.welcome()
  d.wait(120_000)
  assert.deepEqual(wishes(d).slice(3), ['restart old'])
  restarts(d, '1.0.0')
  assert.deepEqual(outcomes(d), ['update.ended 1 wentBack'])
})

test('an old, the same or a foreign program is refused, and so is one that needs steps in between', () => {
  for (const [facts, outcome] of [
    [{ version: '0.9.9' }, 'notNewer'], [{ version: '1.0.0' }, 'notNewer'], [{ hardware: 'other' }, 'wrongHardware'], [{ version: '3.0.0', minimum: '2.0.0' }, 'tooOld']
  ] as const) {
    const d = ready()
    d.offer(1, facts)
    assert.deepEqual(wishes(d), ['fetch nothing'], outcome)
    assert.deepEqual(outcomes(d), ['update.ended 1 ' + outcome])
  }
})

test('what the host finds wrong ends the offer; what it says of another offer does not', () => {
  for (const fault of ['notSigned', 'damaged', 'noRoom'] as const) {
    const d = ready()
    d.offer(2)
    d.step({ is: 'fetched', offer: 1, fault })
    assert.deepEqual(outcomes(d), [])
    d.step({ is: 'fetched', offer: 2, fault })
    assert.deepEqual(outcomes(d), ['update.ended 2 ' + fault])
    d.step({ is: 'fetched', offer: 2, fault: null })
    assert.deepEqual(wishes(d), ['fetch nothing', 'fetch 1.1.0'])
  }
})

test('an offer counts once and only if it is newer, over boots too; it can be taken back', () => {
  const d = ready()
  d.offer(5)
  for (const offer of [5, 4, 1]) d.offer(offer, { version: '1.2.0' })
  assert.deepEqual(wishes(d), ['fetch nothing', 'fetch 1.1.0'])
  d.reboot()
  d.online()
  d.offer(5)
  assert.deepEqual(wishes(d).slice(2), ['fetch 1.1.0'], 'after a boot it goes on')
  d.offer(6, { op: 'nothing' })
  assert.deepEqual(wishes(d).slice(3), ['fetch nothing'])
  d.step({ is: 'fetched', offer: 5, fault: null })
  d.reboot()
  d.online()
  d.offer(5)
  assert.deepEqual(wishes(d).slice(4), [])
  assert.deepEqual(outcomes(d), [])
  d.deliver(d.sealed('update', { offer: 7 }))
  assert.deepEqual(wishes(d).slice(4), [], 'what is no offer is nothing')
})

test('while a program is on trial no other is begun', () => {
  const d = ready()
  d.offer(1)
  d.step({ is: 'fetched', offer: 1, fault: null })
  restarts(d, '1.1.0')
  d.offer(2, { version: '1.2.0' })
  assert.deepEqual(wishes(d).slice(3), [])
  d.online()
  d.offer(2, { version: '1.2.0' })
  assert.deepEqual(wishes(d).slice(3), ['keep', 'fetch nothing', 'fetch 1.2.0'])
})

test('nothing begins and nothing restarts while somebody is at the door', () => {
  const hindrances: [string, (d: Door) => void, (d: Door) => void][] = [
    ['an open door', (d) => d.openDoor(), (d) => d.closeDoor()],
    ['a half-typed entry', (d) => d.type('12'), (d) => { d.type('*'); d.wait(60_000) }],
    ['an open question', (d) => d.type('12#'), (d) => { d.answer(false); d.wait(60_000) }],
    ['a bolt that moves, and what it owes', (d) => { d.command('c' + String(d.now), 'unlock') }, (d) => d.wait(20_000)],
    ['a low battery', (d) => measure(d, 3400), (d) => measure(d, 3900)],
    ['a line that is down', (d) => d.disconnect(), (d) => d.online()]
  ]
  for (const [what, begins, ends] of hindrances) {
    const d = ready()
    begins(d)
    d.offer(1)
    assert.deepEqual(wishes(d), ['fetch nothing'], what)
    ends(d)
    assert.deepEqual(wishes(d), ['fetch nothing', 'fetch 1.1.0'], what)
    begins(d)
    d.step({ is: 'fetched', offer: 1, fault: null })
    if (what === 'an open question') d.wait(100)
    assert.deepEqual(wishes(d).slice(2), [], what)
    ends(d)
    assert.deepEqual(wishes(d).slice(2), ['restart new'], what)
  }
})

test('a trial does not end in the middle of a move', () => {
  const d = ready()
  d.offer(1)
  d.step({ is: 'fetched', offer: 1, fault: null })
  restarts(d, '1.1.0')
  d.bolt().lockState = 'notFullyLocked'
  d.sense(1)
  d.online()
  d.wait(119_800)
  d.command('c', 'unlock')
  d.wait(299)
  assert.deepEqual(wishes(d).slice(3), [])
  d.wait(1)
  assert.deepEqual(wishes(d).slice(3), ['restart old'])
})

test('a power cut after any effect of an update leaves one record of it, or none and the offer open', () => {
  for (const firmware of ['1.1.0', '1.0.0']) {
    for (let cut = 0; ; cut++) {
      const d = ready()
      d.powerFor = cut
      let isDone = true
      try {
        d.offer(1)
        d.step({ is: 'fetched', offer: 1, fault: null })
        d.firmware = firmware
        d.boot('update')
        d.senseAll()
        d.online()
      } catch (error) {
        if (!(error instanceof PowerCut)) throw error
        isDone = false
      }
      for (let i = 0; i < 3; i++) {
        d.reboot()
        d.online({ acked: d.controller.ring.acked })
        d.offer(1)
        d.step({ is: 'fetched', offer: 1, fault: null })
        if (d.saved['trial'] !== undefined) d.firmware = firmware
      }
      assert.deepEqual(outcomes(d), [firmware === '1.1.0' && d.firmware === '1.1.0' ? 'update.ended 1 installed' : 'update.ended 1 wentBack'], `cut after ${cut}`)
      if (isDone) break
    }
  }
})
