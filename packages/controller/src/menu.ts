import { trustOf } from './clock.ts'
import { COLUMNS } from './notice.ts'
import { wordsOf } from './settings.ts'
import type { Controller, Work } from './state.ts'
import { MENU_MS } from './times.ts'

/** How many pages there are. */
const PAGES = 6

/** The next page of how the box stands; after the last one the display is itself again. */
export function turnPage (work: Work): void {
  const { state, now } = work
  const page = (state.notice?.page ?? -1) + 1
  state.notice = page < PAGES ? { rows: pageOf(state, page, now), until: now + MENU_MS, page } : null
}

/** What a page says. Never a code, a key or a name of a person. */
function pageOf (state: Controller, page: number, now: number): readonly [string, string] {
  const words = wordsOf(state)
  const { link, boot } = state
  const { facts, lastError } = state.health
  switch (page) {
    case 0: return ['Wi-Fi ' + (facts.rssi === undefined ? '' : String(facts.rssi) + ' dBm'), facts.network ?? '-']
    case 1: return [words.address, facts.address ?? '-']
    case 2: return [aside(words.server, link !== null && link.session !== null), aside('Broker', link !== null)]
    case 3: {
      const { trust, errorMs } = trustOf(state, now)
      return [words.clock + trust, '+- ' + String(errorMs) + ' ms']
    }
    case 4: return [words.lastError, lastError === '' ? '-' : lastError]
    default: return ['Oncekey ' + boot.firmware, boot.hardware]
  }
}

/** What is there or is not. */
function aside (name: string, isThere: boolean): string {
  return name.padEnd(COLUMNS - 2) + (isThere ? 'ok' : '--')
}
