/**
 * The server in a process of its own, as `oncekey start` runs it, with a clock that the test can move and a memory that
 * it can weigh. Speaks over the channel of `fork`: see servers.ts.
 */
import { createLog } from '../../apps/server/src/platform/log.ts'
import { readConfig, startServer } from '@oncekey/server'

export type Order = { id: number, do: 'clock', aheadMs: number } | { id: number, do: 'weigh' }
export type Reply = { is: 'ready', url: string, mqttPort: number, setupLink: string | null } | { is: 'done', id: number, bytes: number }

let aheadMs = 0
const server = await startServer(readConfig(), { log: createLog(), clock: () => Date.now() + aheadMs })
process.on('message', (order: Order) => {
  if (order.do === 'clock') aheadMs = order.aheadMs
  tell({ is: 'done', id: order.id, bytes: order.do === 'weigh' ? weigh() : 0 })
})
process.once('SIGTERM', () => { void server.close().then(() => { process.exit(0) }) })
process.once('disconnect', () => { process.exit(1) })
tell({ is: 'ready', url: server.url, mqttPort: server.mqttPort, setupLink: server.setupLink })

/** Resident bytes after what can be collected was collected (`--expose-gc`). */
function weigh (): number {
  void globalThis.gc?.()
  return process.memoryUsage.rss()
}

function tell (reply: Reply): void {
  process.send?.(reply)
}
