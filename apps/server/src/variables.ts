import { channelSettings } from './notify/settings.ts'
import { providerSettings, usualScopes } from './providers/settings.ts'

/**
 * Every setting that the program is started with, in the order in which pages show them: the one table from which
 * config.ts knows what may be set, what is a secret and what holds when nobody sets it, and which the page of settings
 * shows. `byDefault` null: what then holds depends on other settings, or is nothing.
 */
type Known = { group: VariableGroup, byDefault: string | null, isSecret: boolean }
export type VariableGroup = 'reach' | 'tls' | 'storage' | 'messages' | 'signIn'

const plain = (group: VariableGroup, byDefault: string | null = null): Known => ({ group, byDefault, isSecret: false })
const secret = (group: VariableGroup): Known => ({ group, byDefault: null, isSecret: true })

export const variables: Readonly<Record<string, Known>> = {
  ONCEKEY_HOST: plain('reach', '127.0.0.1'),
  ONCEKEY_PORT: plain('reach', '8080'),
  ONCEKEY_MQTT_PORT: plain('reach', '1883'),
  ONCEKEY_PUBLIC_URL: plain('reach'),
  ONCEKEY_TRUSTED_PROXIES: plain('reach'),
  ONCEKEY_WEBHOOK_NETWORKS: plain('reach'),
  ONCEKEY_TLS: plain('tls'),
  ONCEKEY_TLS_CERT: plain('tls'),
  ONCEKEY_TLS_KEY: plain('tls'),
  ONCEKEY_HTTPS_PORT: plain('tls', '8443'),
  ONCEKEY_MQTTS_PORT: plain('tls', '8883'),
  ONCEKEY_PLAIN_HTTP: plain('tls'),
  ONCEKEY_PLAIN_MQTT: plain('tls'),
  ONCEKEY_DATA_DIR: plain('storage', 'data'),
  ONCEKEY_DATABASE_URL: secret('storage'),
  ONCEKEY_REDIS_URL: secret('storage'),
  ONCEKEY_BACKUP_DIR: plain('storage'),
  ONCEKEY_WITNESS_FILE: plain('storage'),
  ONCEKEY_WEB_DIR: plain('storage'),
  ONCEKEY_SMTP_URL: secret('messages'),
  ...Object.fromEntries(channelSettings.map((name) => [name, secret('messages')])),
  ONCEKEY_FALLBACK_SECONDS: plain('messages', '12'),
  ONCEKEY_TEST_RECIPIENTS: plain('messages'),
  ...Object.fromEntries(providerSettings.map((name) => [name, name.endsWith('_SECRET') ? secret('signIn') : plain('signIn', name.endsWith('_SCOPES') ? usualScopes : null)])),
  ONCEKEY_BREACHED_PASSWORDS: plain('signIn')
}

/** What was said of a variable, and where. `value`: null for a secret, and where nothing was said. */
export type Variable = { name: string, group: VariableGroup, isSecret: boolean, byDefault: string | null, from: 'environment' | 'secretFile' | 'settingsFile' | 'nobody', value: string | null }
