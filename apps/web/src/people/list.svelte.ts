import type { PeopleQuery, Person } from '@oncekey/protocol/schemas'
import { operators } from '../operators.ts'

/** What the list is narrowed down to. */
export type Wanted = Pick<PeopleQuery, 'q' | 'role' | 'state'>

const pageLength = 50
/** Most that one question gives. */
const longest = 200
/** A search for the rare in the many answers in parts: that many at most are asked for at once. */
const mostParts = 30

/**
 * People page by page. `load` asks anew for as many as are shown, `more` for the next ones; what is there stays until the
 * answer has come, and an answer that a later question has overtaken is dropped.
 */
export function peopleList (wanted: () => Wanted) {
  let people = $state.raw<readonly Person[] | null>(null)
  let next = $state.raw<string | null>(null)
  let error = $state.raw<unknown>(null)
  let busy = $state<'search' | 'list' | 'more' | null>(null)
  let turn = 0

  async function fetch (kind: 'search' | 'list' | 'more', count: number, from: { people: readonly Person[], after: string | undefined }): Promise<void> {
    const mine = ++turn
    const query = wanted()
    busy = kind
    try {
      let found = [...from.people]
      let after = from.after
      for (let part = 0; part < mostParts; part++) {
        const answer = await operators.people.list({ ...query, limit: Math.min(longest, count - found.length), ...(after && { after }) })
        if (mine !== turn) return
        found = [...found, ...answer.people]
        after = answer.next ?? undefined
        if (!after || found.length >= count) break
      }
      people = found
      next = after ?? null
      error = null
    } catch (refusal) {
      if (mine === turn) error = refusal
    } finally {
      if (mine === turn) busy = null
    }
  }

  return {
    /** Anew: from the top with another search, or as many as there are now. */
    load: (fromTheTop = false): Promise<void> => fetch(fromTheTop ? 'search' : 'list', fromTheTop ? pageLength : Math.max(pageLength, people?.length ?? 0), { people: [], after: undefined }),
    more: async (): Promise<void> => { if (next !== null && busy === null && people) await fetch('more', people.length + pageLength, { people, after: next }) },
    get people (): readonly Person[] | null { return people },
    get hasMore (): boolean { return next !== null },
    get error (): unknown { return error },
    get busy (): 'search' | 'list' | 'more' | null { return busy }
  }
}

/** Runs at most once in `ms`, the last time after the last call: ten thousand events are not ten thousand questions. */
export function seldom (ms: number, work: () => void): { call: () => void, stop: () => void } {
  let timer: ReturnType<typeof setTimeout> | undefined
  return {
    call: () => { timer ??= setTimeout(() => { timer = undefined; work() }, ms) },
    stop: () => { clearTimeout(timer); timer = undefined }
  }
}
