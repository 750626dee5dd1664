import { ConfigError, type Config } from '../../config.ts'
import type { Log } from '../log.ts'
import { ownNames } from './names.ts'
import { openOwn } from './own.ts'
import { openSupplied, SuppliedError } from './supplied.ts'
import type { Tls } from './tls.ts'

/**
 * TLS as the settings want it; only called when they want it.
 * @throws ConfigError for certificate files that can not be used; Error with the cure for what else stops it
 */
export function openTls (config: Config, { clock, log }: { clock: () => number, log: Log }): Tls {
  const { dataDir, publicUrl, tlsFiles } = config
  if (tlsFiles === null) return openOwn({ dataDir, clock, log, names: () => ownNames(config) })
  try {
    return openSupplied({ certificatePath: tlsFiles.certificate, keyPath: tlsFiles.key, publicUrl, clock, log })
  } catch (error) {
    if (!(error instanceof SuppliedError)) throw error
    const name = error.which === 'key' ? 'ONCEKEY_TLS_KEY' : 'ONCEKEY_TLS_CERT'
    throw new ConfigError([{ name, value: tlsFiles[error.which], cure: error.message }], config.port)
  }
}
