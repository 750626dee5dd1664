import { readConfig } from '../config.ts'
import { askServer } from '../diagnostics/ask-server.ts'

const PATIENCE_MS = 4_000

/**
 * `oncekey health`: asks the server of these settings how each part is. It is asked again and again, by containers and
 * monitors, so nothing of the server is loaded for it.
 * @returns 0 when nothing fails, 1 when a part does or no server of ours answers
 */
export async function health (words: string[]): Promise<number> {
  if (words.length > 0) {
    console.error(`oncekey health takes no ${words.join(' ')}; settings are ONCEKEY_* in the environment.`)
    return 2
  }
  try {
    const { url, health: report } = await askServer(readConfig(), PATIENCE_MS)
    if (report === null) throw new Error(`No Oncekey answers at ${url}.`)
    for (const { name, status, says } of report.checks) console.log(`${status.padEnd(8)}  ${name}: ${says}`)
    return report.status === 'failing' ? 1 : 0
  } catch (error) {
    console.error(error instanceof Error ? error.message : String(error))
    return 1
  }
}
