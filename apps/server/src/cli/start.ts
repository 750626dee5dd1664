import { readConfig, startServer, type Config, type Server } from '../main.ts'
import { createLog } from '../platform/log.ts'
import { serveFailure } from './failure-page.ts'

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
    const server = await startServer(config, { log: createLog() })
    announce(server)
    await stopped
    await server.close()
    return 0
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

function stopSignal (): Promise<void> {
  return new Promise((resolve) => {
    process.once('SIGINT', () => { resolve() })
    process.once('SIGTERM', () => { resolve() })
  })
}

