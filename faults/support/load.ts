/**
 * Work for a server that is about to be killed, and the book of what it promised: codes issued and revoked over HTTP,
 * entries at keypads, records of controllers. Whatever was answered has to be there afterwards.
 */
import assert from 'node:assert/strict'
import { OfflineError, ProblemError } from '@oncekey/client'
import type { Keypad } from './keypad.ts'
import type { Dice } from './seed.ts'
import type { Site } from './site.ts'

type Held = { codeId: string, digits: string, keypad: Keypad | undefined }
type Asking = { key: string, accessPointId: string, personId: string, expiresAt: number, deliver: boolean }

export type Load = {
  /** Works until `stop()`; resolves when every worker has come to rest. */
  run: (workers: number) => { stop: () => Promise<void> }
  /** Compares the record with the book. Call it after a restart. */
  check: () => Promise<void>
  /** Asks again, with the same key, for what was asked without an answer. */
  askAgain: () => Promise<void>
  /** Types codes that were typed without an answer: those that are used open nothing, the others open once. */
  typeAgain: () => Promise<void>
  figures: { issued: number, revoked: number, granted: number, records: number, lostAnswers: number, lostVerdicts: number, usedUnheard: number }
}

/** No answer, or one that says that nothing was done. */
function isNoPromise (error: unknown): boolean {
  return error instanceof OfflineError || (error instanceof ProblemError && error.code === 'storageFull')
}

export function newLoad (site: Site, keypads: readonly Keypad[], random: Dice): Load {
  const figures = { issued: 0, revoked: 0, granted: 0, records: 0, lostAnswers: 0, lostVerdicts: 0, usedUnheard: 0 }
  const live: Held[] = []
  const issued = new Set<string>()
  const revoked = new Set<string>()
  const granted = new Set<string>()
  let unheard: Held[] = []
  let unanswered: Asking[] = []
  let unended: Held[] = []
  /** Every pair of person and access point once: their waits are not what is tried here. */
  const pairs = site.holders.flatMap((holder) => site.points.map((point) => ({ holder, point })))
  let asked = 0
  const rows = { issued: new Map<string, number>(), granted: new Map<string, number>(), revoked: new Map<string, number>(), actuated: 0, pairs: new Map<string, number>() }
  const keypadOf = (accessPointId: string): Keypad | undefined => keypads.find((one) => one.controllerId === site.points.find((point) => point.id === accessPointId)?.controllerId)

  function nextAsking (): Asking {
    const pair = pairs[asked++ * 7 % pairs.length]
    if (pair === undefined || asked > pairs.length) throw new Error('More people are needed for so much work.')
    return { key: `key-${asked}`, accessPointId: pair.point.id, personId: pair.holder.id, expiresAt: Date.now() + 3_600_000, deliver: random.chance(0.3) }
  }

  async function issue ({ key, ...form }: Asking): Promise<void> {
    const made = await site.client.codes.issue(form, { idempotencyKey: key }).catch((error: unknown) => {
      // A keypad takes so many live codes and no more: an answer like any other, and no code.
      if (error instanceof ProblemError && error.code === 'readerFull') return null
      throw error
    })
    if (made === null) return
    const { code, digits } = made
    assert.ok(digits !== '', 'a live code has digits')
    issued.add(code.id)
    figures.issued++
    live.push({ codeId: code.id, digits, keypad: keypadOf(form.accessPointId) })
  }

  async function workOverHttp (isOver: () => boolean): Promise<void> {
    while (!isOver()) {
      if (live.length > 25) {
        const [one] = live.splice(random.whole(live.length), 1)
        if (one === undefined) continue
        try {
          await site.client.codes.revoke(one.codeId)
          revoked.add(one.codeId)
          figures.revoked++
        } catch (error) {
          if (!isNoPromise(error)) throw error
          // Without an answer nobody knows whether it still lives: it is ended again.
          if (error instanceof ProblemError) live.push(one)
          else unended.push(one)
          return
        }
        continue
      }
      const asking = nextAsking()
      try {
        await issue(asking)
      } catch (error) {
        if (!isNoPromise(error)) throw error
        unanswered.push(asking)
        figures.lostAnswers++
        return
      }
    }
  }

  async function workAt (keypad: Keypad, isOver: () => boolean): Promise<void> {
    while (!isOver()) {
      const place = live.findIndex((one) => one.keypad === keypad)
      if (place < 0) {
        await new Promise((resolve) => { setTimeout(resolve, 5) })
        continue
      }
      const [held] = live.splice(place, 1)
      if (held === undefined) continue
      const outcome = await keypad.enter(held.digits)
      if (outcome.is === 'granted') {
        granted.add(held.codeId)
        figures.granted++
      } else if (outcome.is === 'unanswered') {
        unheard.push(held)
        figures.lostVerdicts++
        return
      } else assert.fail(`A live code was refused at ${keypad.name}.`)
    }
  }

  return {
    figures,
    run (workers) {
      let over = false
      const isOver = (): boolean => over
      const all = [...Array.from({ length: workers }, () => workOverHttp(isOver)), ...keypads.map((keypad) => workAt(keypad, isOver))]
      const done = Promise.all(all)
      // Looked at by stop(); a worker that fails early must not be an unhandled rejection until then.
      done.catch(() => {})
      return { async stop () { over = true; await done } }
    },
    async check () {
      // Taken before the record is read: doors that come back meanwhile send and hear more.
      const safe = keypads.reduce((sum, one) => sum + [...one.sent.values()].filter((record) => record.type === 'lock.actuated' && record.seq <= one.acked()).length, 0)
      const unlocks = keypads.reduce((sum, one) => sum + one.unlocks(), 0)
      for (const row of await site.readRecord()) {
        const codeId = String(row.details['codeId'] ?? '')
        const count = (map: Map<string, number>, of: string): void => { map.set(of, (map.get(of) ?? 0) + 1) }
        if (row.event === 'code.issued') {
          count(rows.issued, codeId)
          count(rows.pairs, `${row.subject?.id}|${row.accessPoint?.id}`)
        }
        if (row.event === 'access.granted') count(rows.granted, codeId)
        if (row.event === 'code.revoked') count(rows.revoked, codeId)
        if (row.event === 'lock.actuated') rows.actuated++
      }
      for (const id of issued) assert.equal(rows.issued.get(id), 1, `the answered code ${id} is in the record`)
      for (const id of revoked) assert.equal(rows.revoked.get(id), 1, `the answered end of ${id} is in the record`)
      for (const id of granted) assert.equal(rows.granted.get(id), 1, `the granted entry of ${id} is in the record`)
      for (const [id, times] of rows.granted) {
        assert.equal(times, 1, `code ${id} opened once`)
        assert.ok(!revoked.has(id), `code ${id} was revoked`)
      }
      for (const [pair, times] of rows.pairs) assert.equal(times, 1, `one code was asked for, and made, for ${pair}`)
      // What a controller was told to be safe with us is with us, exactly once.
      const sent = keypads.reduce((sum, one) => sum + [...one.sent.values()].filter((record) => record.type === 'lock.actuated').length, 0)
      assert.ok(rows.actuated >= safe && rows.actuated <= sent, `${rows.actuated} actuations in the record, ${safe} acknowledged, ${sent} sent`)
      figures.records = safe
      assert.ok(unlocks <= rows.granted.size, `${unlocks} unlocks of ${rows.granted.size} grants`)
    },
    async askAgain () {
      const asking = unanswered
      unanswered = []
      for (const one of asking) await issue(one)
      const ending = unended
      unended = []
      for (const { codeId } of ending) {
        await site.client.codes.revoke(codeId)
        revoked.add(codeId)
        figures.revoked++
      }
    },
    async typeAgain () {
      const typed = unheard
      unheard = []
      for (const held of typed) {
        const isUsed = rows.granted.has(held.codeId)
        const { keypad } = held
        assert.ok(keypad !== undefined)
        const outcome = await keypad.enter(held.digits, 10_000)
        assert.equal(outcome.is, isUsed ? 'refused' : 'granted', `code ${held.codeId}, ${isUsed ? 'used before the kill' : 'not used before the kill'}`)
        if (!isUsed) granted.add(held.codeId)
        else {
          figures.usedUnheard++
          // Three in a row would lock the keypad, and lockouts are not what is tried here.
          await site.client.controllers.clearLockout(keypad.controllerId, { reason: 'A code was tried again' })
        }
      }
    }
  }
}
