import assert from 'node:assert/strict'
import { test } from 'node:test'
import { hearCodes, shareCodes, type SharedCode } from './share-codes.ts'

const front: SharedCode = { name: 'Front door', digits: '123456', endsAt: 2000 }
const bank: SharedCode = { name: 'A07', digits: '654321', endsAt: 3000 }

/** A page of one person's door; what it shows, and the way to wait until it shows something. */
function door (personId: string): { until: (names: string[]) => Promise<void>, shows: () => string[], close: () => void } {
  let codes: readonly SharedCode[] = []
  let look = (): void => {}
  const close = hearCodes(personId, heard => {
    codes = heard
    look()
  })
  const shows = (): string[] => codes.map(code => code.name)
  return {
    shows,
    close,
    until: names => new Promise((resolve, reject) => {
      const late = setTimeout(() => reject(new Error(`shows ${shows().join()} instead of ${names.join()}`)), 2000)
      look = () => {
        if (shows().join() !== names.join()) return
        clearTimeout(late)
        resolve()
      }
      look()
    })
  }
}

test('a door hears what a tab has when it opens, what comes later, and that the tab is gone', async () => {
  let codes = [front]
  const tab = shareCodes('p1', () => codes, new EventTarget())
  const page = door('p1')
  await page.until(['Front door'])
  codes = [bank, front]
  tab.tell()
  await page.until(['A07', 'Front door'])
  tab.stop()
  await page.until([])
  page.close()
})

test('a tab without codes takes nothing from the codes of another', async () => {
  const one = shareCodes('p2', () => [front], new EventTarget())
  const other = shareCodes('p2', () => [], new EventTarget())
  const page = door('p2')
  await page.until(['Front door'])
  other.tell()
  const second = door('p2')
  await second.until(['Front door'])
  assert.deepEqual(page.shows(), ['Front door'])
  other.stop()
  one.stop()
  await page.until([])
  page.close()
  second.close()
})

test('another person\'s door hears nothing', async () => {
  const tab = shareCodes('p3', () => [front], new EventTarget())
  const foreign = door('p4')
  const own = door('p3')
  await own.until(['Front door'])
  assert.deepEqual(foreign.shows(), [])
  tab.stop()
  own.close()
  foreign.close()
})

test('a tab that is closed takes its codes along, and one that the browser kept brings them back', async () => {
  const window = new EventTarget()
  const tab = shareCodes('p5', () => [front], window)
  const page = door('p5')
  await page.until(['Front door'])
  window.dispatchEvent(new Event('pagehide'))
  await page.until([])
  window.dispatchEvent(new Event('pageshow'))
  await page.until(['Front door'])
  tab.stop()
  page.close()
})
