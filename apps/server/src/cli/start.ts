import type { StagedBackup } from '../backup/restore.ts'
import { readConfig, startServer, type Config, type Server } from '../main.ts'
import { createLog } from '../platform/log.ts'
import { serveFailure } from './failure-page.ts'
import { tidyLater } from './tidy.ts'

/** `oncekey start`: runs until SIGINT or SIGTERM. What stops the start is a sentence, and a page where possible. */
export async function start (words: string[]): Promise<number> {
  if (words.length > 0) {
    console.error(`oncekey start takes no ${words.join(' ')}; settings are ONCEKEY_* in the environment.`)
    return 2
  }
  // Heard from the beginning: one that comes while the start is under way ends it in order, a second one at once.
  const stopped = stopSignal()
  let config: Config | null = null
  try {
    config = readConfig()
    for (;;) {
      const { promise: brought, resolve: putBack } = Promise.withResolvers<StagedBackup>()
      const log = createLog()
      const server = await startServer(config, { log, putBack })
      announce(server)
      console.log(`Its data is in ${config.dataDir}. Ctrl+C stops it.`)
      tidyLater()
      const staged = await Promise.race([stopped, brought])
      await server.close()
      if (staged === undefined) return 0
      console.log('\nA backup was brought by the set-up page. It is put back, and Oncekey starts anew.')
      // One that is not in its place by then is brought there by the start, or was never there.
      const { putInPlace } = await import('../backup/restore.ts')
      await putInPlace(config.dataDir, staged).catch((error: unknown) => { log.error('a backup could not be put back', { error }) })
    }
  } catch (error) {
    if (!(error instanceof Error)) throw error
    console.error(`\nOncekey could not start.\n${error.message}\n`)
    const page = await serveFailure(error, config)
    if (page === null) return 1
    console.error(`The same is shown at ${page.url} until this is stopped.`)
    await stopped
    await page.close()
    return 1
  }
}

/** Prints where the server is; on the first run, the set-up link. */
function announce (server: Server): void {
  if (server.setupLink === null) console.log(`Oncekey runs at ${server.url}`)
  else console.log(`\nOncekey runs. Set it up in your browser, once:\n\n  ${server.setupLink}\n`)
  if (server.tls?.authority && server.url === server.tls.url) {
    const { page, fingerprint } = server.tls.authority
    console.log(`Browsers warn until they know this server's own certificate authority. On each device, once, open

  ${page}

and compare the fingerprint (SHA-256) that it shows with this one:

  ${fingerprint.slice(0, 47)}
  ${fingerprint.slice(48)}

Without TLS nothing else is served there, unless ONCEKEY_PLAIN_HTTP=on (behind a proxy that speaks TLS).\n`)
  }
}

function stopSignal (): Promise<undefined> {
  return new Promise((resolve) => {
    process.once('SIGINT', () => { resolve(undefined) })
    process.once('SIGTERM', () => { resolve(undefined) })
  })
}
