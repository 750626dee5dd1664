import assert from 'node:assert/strict'
import { test } from 'node:test'
import { atStart, begin, checked, keep, newSlots, nextRange, restoreSlots, runningSlot, storeSlots, targetSlot, tryNext, WATCHDOG_MS, wrote, type Slots } from './slots.ts'

const image = { sha256: 'A'.repeat(43), size: 10 }

function filled (slots: Slots = newSlots): Slots {
  return wrote(begin(slots, image), 0, 10)
}

test('an image goes range by range into the slot that does not run, is looked at, tried once and kept', () => {
  let slots = begin(newSlots, image)
  const asked: string[] = []
  for (let range = nextRange(slots, 4); range !== null; range = nextRange(slots, 4)) {
    asked.push(`${range.from}-${range.to}`)
    slots = wrote(slots, range.from, range.to)
  }
  assert.deepEqual(asked, ['0-4', '4-8', '8-10'])
  assert.deepEqual([runningSlot(slots), targetSlot(slots)], ['a', 'b'])
  slots = tryNext(checked(slots, true))
  assert.equal(runningSlot(slots), 'a', 'until it starts')
  slots = atStart(slots)
  assert.deepEqual([runningSlot(slots), slots.trying], ['b', 'now'])
  slots = keep(slots)
  assert.deepEqual([runningSlot(slots), targetSlot(slots), slots.trying], ['b', 'a', 'no'])
  assert.equal(keep(slots), slots)
  assert.equal(runningSlot(atStart(atStart(slots))), 'b')
})

test('a start before it was kept is into the old program, whatever the reason, and what was tried is not tried again', () => {
  const slots = atStart(atStart(tryNext(checked(filled(), true))))
  assert.deepEqual(slots, newSlots)
  assert.equal(tryNext(slots), slots)
})

test('nothing is tried that is not whole and right', () => {
  for (const slots of [newSlots, begin(newSlots, image), wrote(begin(newSlots, image), 0, 9), filled(), checked(filled(), false)]) {
    assert.equal(tryNext(slots), slots)
    assert.equal(runningSlot(atStart(slots)), 'a')
  }
  assert.equal(checked(filled(), false).filling, null, 'a wrong one is forgotten')
  const half = wrote(begin(newSlots, image), 0, 5)
  assert.equal(checked(half, true), half)
  assert.equal(checked(newSlots, true), newSlots)
})

test('what is there of the same image stays, of another one goes; a program on trial is not written over', () => {
  const half = wrote(begin(newSlots, image), 0, 5)
  assert.equal(begin(half, image), half)
  assert.deepEqual(nextRange(begin(half, { ...image, sha256: 'B'.repeat(43) }), 4), { from: 0, to: 4 })
  assert.deepEqual(nextRange(begin(half, { ...image, size: 11 }), 4), { from: 0, to: 4 })
  const trying = atStart(tryNext(checked(filled(), true)))
  assert.equal(begin(trying, { ...image, size: 11 }), trying)
  assert.equal(nextRange(trying, 4), null)
  assert.equal(nextRange(newSlots, 4), null)
  assert.equal(begin(tryNext(checked(filled(), true)), { ...image, size: 11 }).trying, 'no', 'what was about to be tried is no more')
})

test('only bytes that continue what is there count', () => {
  const half = wrote(begin(newSlots, image), 0, 5)
  for (const [from, to] of [[0, 5], [4, 6], [6, 8], [5, 11], [5, 4]] as const) assert.equal(wrote(half, from, to), half)
  assert.equal(wrote(newSlots, 0, 1), newSlots)
})

test('stored and restored they are the same; a torn text is a controller that keeps running what it runs', () => {
  const all = [newSlots, begin(newSlots, image), filled(), checked(filled(), true), tryNext(checked(filled(), true)), atStart(tryNext(checked(filled(), true))), keep(atStart(tryNext(checked(filled(), true))))]
  for (const slots of all) {
    const text = storeSlots(slots)
    assert.deepEqual(restoreSlots(text), slots)
    for (let cut = 0; cut < text.length; cut++) assert.deepEqual(restoreSlots(text.slice(0, cut)), newSlots)
  }
  for (const wrong of ['', '{}', '["c","no"]', '["a","yes"]', 'null', '[1]']) assert.deepEqual(restoreSlots(wrong), newSlots)
  for (const rest of ['1,1,1,true', '"x",-1,0,true', '"x",1,1.5,true', '"x",1,2,true']) assert.deepEqual(restoreSlots(`["b","next",${rest}]`), { good: 'b', trying: 'no', filling: null })
  assert.deepEqual(restoreSlots('["b","now"]'), { good: 'b', trying: 'now', filling: null })
  assert.equal(restoreSlots('["a","no","x",2,1,true]').filling?.isWhole, false)
  assert.ok(WATCHDOG_MS > 120_000)
})
