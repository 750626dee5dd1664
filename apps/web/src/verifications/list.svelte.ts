/** The verifications that are shown: the newest page follows what happens, older ones stay where they are. */
import type { AuditRow, LoggedVerification, VerificationsQuery, VerificationStatus } from '@oncekey/protocol/schemas'
import { desk } from './desk.ts'
import { merged, withEvent } from './rows.ts'

const pageLength = 50
/** A page may be short where few fit among very many; so many are asked for at one press. */
const mostAtOnce = 20

export type Filter = { status: VerificationStatus | '', channel: LoggedVerification['channel'] | '' }

export function verificationList (filter: () => Filter) {
  let rows = $state.raw<readonly LoggedVerification[] | null>(null)
  let next = $state.raw<string | null>(null)
  let error = $state.raw<unknown>(null)
  let isBusy = $state(false)
  let turn = 0

  const query = (): VerificationsQuery => {
    const { status, channel } = filter()
    return { ...status && { status }, ...channel && { channel }, limit: pageLength }
  }

  /** Asks on while pages are short, so that one rare row far down is found. */
  async function pages (from: VerificationsQuery, isWanted: () => boolean): Promise<{ verifications: LoggedVerification[], next: string | null } | null> {
    const found: LoggedVerification[] = []
    let before = from.before
    for (let asked = 0; ; asked++) {
      const page = await desk.verificationLog.page({ ...from, ...before && { before } })
      if (!isWanted()) return null
      found.push(...page.verifications)
      if (page.next === null || found.length >= pageLength || asked === mostAtOnce) return { verifications: found, next: page.next }
      before = page.next
    }
  }

  /** Asks for pages and puts them below `above`. An answer that a later question has overtaken is dropped. */
  async function fetch (from: VerificationsQuery, above: readonly LoggedVerification[]): Promise<void> {
    const mine = ++turn
    isBusy = true
    try {
      const page = await pages(from, () => mine === turn)
      if (page === null) return
      rows = [...above, ...page.verifications]
      next = page.next
      error = null
    } catch (refusal) {
      if (mine === turn) error = refusal
    } finally {
      if (mine === turn) isBusy = false
    }
  }

  /** The newest once more; what is as it was stays the same object, so only what changed is drawn. */
  async function refresh (): Promise<void> {
    if (rows === null || isBusy) return
    const mine = turn
    try {
      const page = await desk.verificationLog.page(query())
      if (mine !== turn || isBusy) return
      const all = merged(rows, page)
      if (all.isWhole) next = page.next
      rows = all.rows
      error = null
    } catch (refusal) {
      if (mine === turn) error = refusal
    }
  }

  return {
    refresh,
    /** Anew: another choice of filters. */
    load: (): Promise<void> => fetch(query(), []),
    more: async (): Promise<void> => { if (next !== null && !isBusy) await fetch({ ...query(), before: next }, rows ?? []) },
    /** Rows below the newest page are not asked for again: what the record says of them is enough. */
    hear (row: AuditRow): void { if (rows !== null) rows = withEvent(rows, row, filter()) },
    get rows (): readonly LoggedVerification[] | null { return rows },
    get hasMore (): boolean { return next !== null },
    get isBusy (): boolean { return isBusy },
    get error (): unknown { return error }
  }
}
