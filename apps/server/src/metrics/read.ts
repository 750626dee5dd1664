import { monitorEventLoopDelay } from 'node:perf_hooks'
import { isOnline } from '../controllers/links.ts'
import type { House } from '../house.ts'
import { healthOf } from '../platform/health.ts'
import { perHouse } from '../platform/per-house.ts'
import { countsOf } from './count.ts'
import { gauge } from './text.ts'

const SHARED_MS = 1_000
const LAG_EVERY_MS = 20

/** The lag of the event loop is watched from the first question on: it costs a timer, which nobody pays who asks nothing. */
const readerOf = perHouse((): { at: number, text: Promise<string> | null, lag: ReturnType<typeof monitorEventLoopDelay> | null } => ({ at: 0, text: null, lag: null }))

/** All metrics, as Prometheus reads them. Whoever asks within the same second gets the same answer. */
export function readMetrics (house: House): Promise<string> {
  const reader = readerOf(house)
  const now = house.clock()
  if (reader.text === null || now - reader.at >= SHARED_MS || now < reader.at) {
    reader.at = now
    reader.text = measure(house)
  }
  return reader.text
}

async function measure (house: House): Promise<string> {
  const reader = readerOf(house)
  if (reader.lag === null) {
    reader.lag = monitorEventLoopDelay({ resolution: LAG_EVERY_MS })
    reader.lag.enable()
  }
  const { read } = house.db
  const [health, outbox, webhooks, controllers, points] = await Promise.all([
    healthOf(house),
    read.selectFrom('outbox').select((is) => ['channel', is.fn.countAll<number>().as('count'), is.fn.min('created_at').as('oldest')]).where('state', '=', 'waiting').groupBy('channel').execute(),
    read.selectFrom('webhook_deliveries').select((is) => is.fn.countAll<number>().as('count')).where('state', '=', 'waiting').executeTakeFirst(),
    read.selectFrom('controllers').select('id').where('removed_at', 'is', null).execute(),
    read.selectFrom('access_points').select((is) => ['kind', is.fn.countAll<number>().as('count')]).where('removed_at', 'is', null).groupBy('kind').execute()
  ])
  const online = controllers.filter(({ id }) => isOnline(house, id)).length
  const now = house.clock()
  const { rss, heapUsed } = process.memoryUsage()
  const cpu = process.cpuUsage()
  const { lag } = reader
  const seconds = (nanoseconds: number): number => Number.isFinite(nanoseconds) ? Math.max(0, nanoseconds / 1e9 - LAG_EVERY_MS / 1000) : 0
  const counts = countsOf(house)
  const text = [
    ...Object.values(counts).map((one) => one.text()),
    gauge('oncekey_outbox_waiting', 'Messages that wait to leave, by channel.', outbox.map(({ channel, count }) => ({ labels: { channel }, value: Number(count) }))),
    gauge('oncekey_outbox_oldest_seconds', 'Age of the oldest message that waits, by channel.', outbox.map(({ channel, oldest }) => ({ labels: { channel }, value: Math.max(0, now - Number(oldest)) / 1000 }))),
    gauge('oncekey_webhook_messages_waiting', 'Messages to webhooks that wait to leave.', [{ value: Number(webhooks?.count ?? 0) }]),
    gauge('oncekey_controllers', 'Controllers, on line at this process or not.', [{ labels: { state: 'online' }, value: online }, { labels: { state: 'offline' }, value: controllers.length - online }]),
    gauge('oncekey_access_points', 'Doors and compartments.', points.map(({ kind, count }) => ({ labels: { kind }, value: Number(count) }))),
    gauge('oncekey_part_healthy', 'Parts as /health has them: 1 = ok, 0 = not.', health.checks.map(({ name, status }) => ({ labels: { part: name }, value: status === 'ok' ? 1 : 0 }))),
    ...house.db.writes === null ? [] : [gauge('oncekey_database_write_groups_total', 'Groups of writes, each with one durable commit.', [{ value: house.db.writes }], 'counter')],
    gauge('oncekey_event_loop_lag_seconds', 'How late timers are, since the last question.', lag.count === 0 ? [] : [{ labels: { stat: 'mean' }, value: seconds(lag.mean) }, { labels: { stat: 'p99' }, value: seconds(lag.percentile(99)) }, { labels: { stat: 'max' }, value: seconds(lag.max) }]),
    gauge('oncekey_build_info', 'The program.', [{ labels: { version: house.version, database: house.db.kind }, value: 1 }]),
    gauge('process_start_time_seconds', 'Start of the process since 1970 UTC.', [{ value: house.startedAt / 1000 }]),
    gauge('process_cpu_seconds_total', 'Time of processors that was used.', [{ value: (cpu.user + cpu.system) / 1e6 }], 'counter'),
    gauge('process_resident_memory_bytes', 'Memory.', [{ value: rss }]),
    gauge('nodejs_heap_size_used_bytes', 'Memory of it that objects take.', [{ value: heapUsed }])
  ].join('')
  lag.reset()
  return text
}

/** Ends what watches. */
export function stopReading (house: House): void {
  readerOf(house).lag?.disable()
}
