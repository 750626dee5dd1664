import type { House } from '../house.ts'
import { repeat, type Loop } from '../platform/repeat.ts'
import { alarmBellOf } from './note.ts'
import { KEPT_MS } from './queries.ts'
import { tellAlarms } from './tell.ts'

/** Alarms within this time go out together: the first at once, the others in one message for each kind. */
const BREATH_MS = 2_000
const MOST_AT_ONCE = 500

/** Tells of alarms as they begin, of digests when they are full, and forgets what is long over. */
export function startAlarmWork (house: House): Loop {
  let isStopped = false
  let isRung = false
  let turn: Promise<void> | null = null
  let pause: { timer: NodeJS.Timeout, over: () => void } | null = null

  async function work (): Promise<void> {
    do {
      isRung = false
      await tellAlarms(house).catch((error: unknown) => { house.log.error('alarms could not be told', { error }) })
      await new Promise<void>((resolve) => { pause = { timer: setTimeout(resolve, BREATH_MS), over: resolve } })
    } while (isRung && !isStopped)
  }
  function wake (): void {
    isRung = true
    if (isStopped) return
    turn ??= work().finally(() => { turn = null })
  }

  const unhook = alarmBellOf(house).onRing(wake)
  // What was noted by another process, waits for its time, or was left by a kill.
  const timer = setInterval(wake, BREATH_MS)
  timer.unref()
  const forgetting = repeat(3_600_000, () => forgetAlarms(house), house.log)
  return {
    async stop () {
      isStopped = true
      unhook()
      clearInterval(timer)
      clearTimeout(pause?.timer)
      pause?.over()
      await turn
      await forgetting.stop()
    }
  }
}

/** The record keeps what happened; the list of alarms need not. */
export async function forgetAlarms (house: House): Promise<void> {
  for (;;) {
    const { changes } = await house.db.write((trx) => Promise.resolve(trx.prepare('DELETE FROM alarms WHERE id IN (SELECT id FROM alarms WHERE ended_at < ? AND tell_at IS NULL LIMIT ?)').run(house.clock() - KEPT_MS, MOST_AT_ONCE)))
    if (changes < MOST_AT_ONCE) return
  }
}
