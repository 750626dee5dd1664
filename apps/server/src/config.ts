import { closeSync, existsSync, openSync, readFileSync, readSync } from 'node:fs'
import { isIPv4 } from 'node:net'
import { join, resolve } from 'node:path'
import { readChannels, type ChannelSettings, type PhoneChannel } from './notify/settings.ts'
import { reachLoopback, readProxies } from './platform/proxies.ts'
import { readProvider, type ProviderSettings } from './providers/settings.ts'
import { variables, type Variable } from './variables.ts'

/** Every setting that is needed before the database is open; everything else is a setting in the database. */
export type Config = {
  /** Address to listen on; 127.0.0.1 unless set. */
  host: string
  port: number
  /** Port of the embedded MQTT broker; 0 takes a free one. */
  mqttPort: number
  /** off, own: by an authority of our own, files: by certificate files. Unless set: off on loopback, files when they are named, else own. */
  tls: 'off' | 'own' | 'files'
  /** Paths of PEM files; null unless `tls` is files. */
  tlsFiles: { certificate: string, key: string } | null
  httpsPort: number
  mqttsPort: number
  /** Whether the port without TLS serves everything, and not only the way to the one with TLS. Unless set: on loopback, and without TLS. */
  plainHttp: boolean
  /** Whether controllers may come without TLS. Unless set: on loopback, and without TLS. */
  plainMqtt: boolean
  dataDir: string
  /** postgres://user:password@host:port/database; null = SQLite in the data folder. */
  databaseUrl: string | null
  /** redis(s)://user:password@host:port of a Redis or Valkey that has the codes of verifications; null = the database has. */
  redisUrl: string | null
  /** Where people reach us, without a slash at the end; null = where we listen. */
  publicUrl: string | null
  /** Networks (CIDR) whose word on a client's address and protocol counts; none unless set. */
  trustedProxies: readonly string[]
  /** smtp(s)://user:password@host:port?from=address; null = messages stay in the inbox page. */
  smtpUrl: string | null
  /** How SMS, WhatsApp and calls leave; null = they do not. */
  channels: Readonly<Record<PhoneChannel, ChannelSettings | null>>
  /** Without a receipt for so long, the next channel of a verification gets its code. */
  fallbackMs: number
  /** Networks (CIDR) of one's own to which webhooks may go, also without TLS; none unless set. */
  webhookNetworks: readonly string[]
  /** Whether recipients may have fixed codes. Unless set: where nobody but this machine reaches us. */
  testRecipients: boolean
  /** File that gets each checkpoint of the record, best on another disk; null = none. */
  witnessFile: string | null
  /** Folder that backups go to, best on another disk. Unless set: `backups` in the data folder. */
  backupDir: string
  /** File of SHA-1 hashes of breached passwords, sorted; null = none. */
  breachedPasswords: string | null
  /** Who else may say who somebody is; null = nobody. */
  provider: ProviderSettings | null
  /** Folder of the built web app. */
  webDir: string
  /** What was said of each setting here, and where; without the values of secrets. */
  variables: readonly Variable[]
}

export type WrongSetting = { name: string, value: string, cure: string }

/** Thrown once with every wrong setting, so that nobody mends them one start at a time. */
export class ConfigError extends Error {
  readonly wrong: WrongSetting[]
  /** Where pages were to be served, or would be without the wrong value. */
  readonly port: number
  constructor (wrong: WrongSetting[], port: number) {
    super('Settings that can not be used:\n' + wrong.map((one) => `  ${one.name}=${one.value}: ${one.cure}`).join('\n'))
    this.name = 'ConfigError'
    this.wrong = wrong
    this.port = port
  }
}

const known = Object.keys(variables)

/**
 * Reads the settings: defaults < oncekey.json in the data folder < ONCEKEY_* < ONCEKEY_*_FILE.
 * The only reader of the environment in the program.
 * @throws ConfigError naming every wrong value and its cure
 */
export function readConfig (env: Record<string, string | undefined> = process.env, cwd: string = process.cwd()): Config {
  const wrong: WrongSetting[] = []
  const dataDir = resolve(cwd, env['ONCEKEY_DATA_DIR'] || (variables['ONCEKEY_DATA_DIR']?.byDefault ?? ''))
  const file = readFile(join(dataDir, 'oncekey.json'), wrong)
  const said = (name: string): { from: Variable['from'], value: string | undefined } => {
    const path = env[name + '_FILE']
    if (path !== undefined && path !== '') {
      try {
        return { from: 'secretFile', value: readFileSync(path, 'utf8').trim() }
      } catch {
        if (!wrong.some((one) => one.name === name + '_FILE')) wrong.push({ name: name + '_FILE', value: path, cure: 'this file can not be read' })
      }
    }
    return env[name] ? { from: 'environment', value: env[name] } : file[name] ? { from: 'settingsFile', value: file[name] } : { from: 'nobody', value: undefined }
  }
  const value = (name: string): string | undefined => said(name).value
  for (const name of Object.keys(env)) {
    if (name.startsWith('ONCEKEY_') && !known.includes(name) && !known.includes(name.replace(/_FILE$/, ''))) {
      wrong.push({ name, value: shown(name, env[name] ?? ''), cure: `unknown setting; known are ${known.join(', ')}` })
    }
  }
  const orDefault = (name: string): string => value(name) ?? variables[name]?.byDefault ?? ''
  const port = (name: string): number => {
    const fallback = Number(variables[name]?.byDefault)
    const text = value(name)
    if (text === undefined) return fallback
    const number = Number(text)
    if (Number.isInteger(number) && number >= 0 && number <= 65535) return number
    wrong.push({ name, value: text, cure: 'a port is a whole number from 0 to 65535' })
    return fallback
  }
  const url = (name: string, protocols: string[]): string | null => {
    const text = value(name)
    if (text === undefined) return null
    if (protocols.includes(URL.parse(text)?.protocol ?? '')) return text.replace(/\/$/, '')
    wrong.push({ name, value: shown(name, text), cure: `a URL that begins with ${protocols.map((one) => one + '//').join(' or ')}` })
    return null
  }
  const oneOf = <Word extends string>(name: string, words: readonly Word[], fallback: Word): Word => {
    const text = value(name)
    const word = words.find((one) => one === text)
    if (text !== undefined && word === undefined) wrong.push({ name, value: text, cure: `one of ${words.join(', ')}` })
    return word ?? fallback
  }
  const host = orDefault('ONCEKEY_HOST')
  const tlsCert = value('ONCEKEY_TLS_CERT')
  const tlsKey = value('ONCEKEY_TLS_KEY')
  const proxies = value('ONCEKEY_TRUSTED_PROXIES')
  const { networks: trustedProxies, cures } = proxies === undefined ? { networks: [], cures: [] } : readProxies(proxies)
  const webhookText = value('ONCEKEY_WEBHOOK_NETWORKS')
  const webhooks = webhookText === undefined ? { networks: [], cures: [] } : readProxies(webhookText, { tooWide: 'covers so much that machines of others are in it: name your own networks alone' })
  const breached = value('ONCEKEY_BREACHED_PASSWORDS')
  if (breached !== undefined && !isListOfHashes(resolve(cwd, breached))) wrong.push({ name: 'ONCEKEY_BREACHED_PASSWORDS', value: breached, cure: 'a readable file of SHA-1 hashes, one a line and sorted, as Have I Been Pwned publishes it' })
  const namesFiles = tlsCert !== undefined || tlsKey !== undefined
  const tls = oneOf('ONCEKEY_TLS', ['off', 'own', 'files'], namesFiles ? 'files' : isLoopback(host) ? 'off' : 'own')
  const plain = tls === 'off' || isLoopback(host) ? 'on' : 'off'
  const needs = (name: string, cure: string): void => { wrong.push({ name, value: shown(name, value(name) ?? ''), cure }) }
  const fallback = orDefault('ONCEKEY_FALLBACK_SECONDS')
  const fallbackSeconds = Number(fallback)
  if (!/^\d{1,3}$/.test(fallback) || fallbackSeconds < 5 || fallbackSeconds > 300) needs('ONCEKEY_FALLBACK_SECONDS', 'a whole number from 5 to 300')
  const config: Config = {
    host,
    port: port('ONCEKEY_PORT'),
    mqttPort: port('ONCEKEY_MQTT_PORT'),
    tls,
    tlsFiles: tls === 'files' && tlsCert !== undefined && tlsKey !== undefined ? { certificate: resolve(cwd, tlsCert), key: resolve(cwd, tlsKey) } : null,
    httpsPort: port('ONCEKEY_HTTPS_PORT'),
    mqttsPort: port('ONCEKEY_MQTTS_PORT'),
    plainHttp: oneOf('ONCEKEY_PLAIN_HTTP', ['on', 'off'], plain) === 'on',
    plainMqtt: oneOf('ONCEKEY_PLAIN_MQTT', ['on', 'off'], plain) === 'on',
    dataDir,
    databaseUrl: url('ONCEKEY_DATABASE_URL', ['postgres:', 'postgresql:']),
    redisUrl: url('ONCEKEY_REDIS_URL', ['redis:', 'rediss:']),
    publicUrl: url('ONCEKEY_PUBLIC_URL', ['http:', 'https:']),
    trustedProxies,
    smtpUrl: url('ONCEKEY_SMTP_URL', ['smtp:', 'smtps:']),
    channels: readChannels({ value, needs, isLoopback }),
    fallbackMs: fallbackSeconds * 1000,
    webhookNetworks: webhooks.networks,
    testRecipients: oneOf('ONCEKEY_TEST_RECIPIENTS', ['on', 'off'], isReachedByOthers(host, value('ONCEKEY_PUBLIC_URL')) ? 'off' : 'on') === 'on',
    witnessFile: value('ONCEKEY_WITNESS_FILE') === undefined ? null : resolve(cwd, value('ONCEKEY_WITNESS_FILE') ?? ''),
    backupDir: resolve(cwd, value('ONCEKEY_BACKUP_DIR') ?? join(dataDir, 'backups')),
    breachedPasswords: breached === undefined ? null : resolve(cwd, breached),
    provider: readProvider({ value, hasAddress: isLoopback(host) || value('ONCEKEY_PUBLIC_URL') !== undefined, isLoopback, needs }),
    webDir: resolve(cwd, value('ONCEKEY_WEB_DIR') ?? join(import.meta.dirname, '../../web/dist')),
    variables: known.map((name) => describe(name, said(name)))
  }
  if (tls === 'files') {
    if (tlsCert === undefined) needs('ONCEKEY_TLS_CERT', 'the path of the certificate (PEM) is missing')
    if (tlsKey === undefined) needs('ONCEKEY_TLS_KEY', 'the path of the key (PEM) is missing')
  } else if (namesFiles) needs('ONCEKEY_TLS', 'files, because ONCEKEY_TLS_CERT or ONCEKEY_TLS_KEY name some; or leave those away')
  if (tls === 'off') {
    if (!config.plainHttp) needs('ONCEKEY_PLAIN_HTTP', 'on, or ONCEKEY_TLS=own: nothing would serve the pages')
    if (!config.plainMqtt) needs('ONCEKEY_PLAIN_MQTT', 'on, or ONCEKEY_TLS=own: no controller could come')
  }
  for (const cure of cures.length > 0 ? cures : unclearProxies(config, { isNamed: proxies !== undefined, isPublic: value('ONCEKEY_PUBLIC_URL') !== undefined })) needs('ONCEKEY_TRUSTED_PROXIES', cure)
  for (const cure of webhooks.cures) needs('ONCEKEY_WEBHOOK_NETWORKS', cure)
  const ports = Object.entries({ ONCEKEY_PORT: config.port, ONCEKEY_MQTT_PORT: config.mqttPort, ...(tls === 'off' ? {} : { ONCEKEY_HTTPS_PORT: config.httpsPort, ONCEKEY_MQTTS_PORT: config.mqttsPort }) })
  ports.forEach(([name, number], i) => {
    const [twin] = ports.slice(0, i).find(([, one]) => number !== 0 && one === number) ?? []
    if (twin !== undefined) wrong.push({ name, value: String(number), cure: `another port than ${twin}` })
  })
  if (wrong.length > 0) throw new ConfigError(wrong, config.port)
  return Object.freeze(config)
}

/**
 * Set-ups in which nobody can say who a client is, or where it came in; each stops the start.
 * - Proxies without a public address: people come by the proxy's name, and links, the check of origins and the mark
 *   `Secure` of cookies would follow a name that clients choose.
 * - Proxies elsewhere, but a server that only this machine can reach: none of them ever comes, so whoever does is not one.
 * - Pages for everybody without TLS, and a public address with it: then somebody else speaks TLS for us, at an address
 *   that we do not know. All people behind it would share one budget of tries, one of them could use it up for all, and
 *   those who come past it would send in clear what was meant for TLS. On loopback a proxy on this machine is the only
 *   one that can be meant: that starts, and the log says what to name when the first forwarded request comes.
 * - Not here: TLS of our own beside a port without it. Then the public address may well be our own.
 */
function unclearProxies ({ host, tls, publicUrl, trustedProxies }: Config, { isNamed, isPublic }: { isNamed: boolean, isPublic: boolean }): string[] {
  if (!isNamed) {
    return tls === 'off' && !isLoopback(host) && publicUrl?.startsWith('https:') === true
      ? ['the address of the proxy that speaks TLS for ONCEKEY_PUBLIC_URL is missing: without it everybody behind the proxy shares one budget of tries. Name it, or drop ONCEKEY_TLS=off so that this server speaks TLS itself']
      : []
  }
  const cures: string[] = []
  if (!isPublic) cures.push('set ONCEKEY_PUBLIC_URL, too, to where people reach the proxy: links and the check of origins need it')
  if (isLoopback(host) && !reachLoopback(trustedProxies)) cures.push(`ONCEKEY_HOST=${host} lets only this machine in, and none of these proxies is on it: add loopback, or set ONCEKEY_HOST to an address that they can reach`)
  return cures
}

/** Whether only this machine can reach it: there a page without TLS is a secure context, too. */
export function isLoopback (host: string): boolean {
  return host === 'localhost' || host === '::1' || (isIPv4(host) && host.startsWith('127.'))
}

/** What counts as production: anybody but this machine can come, by the address that we listen on or by the one that people know. */
function isReachedByOthers (host: string, publicUrl: string | undefined): boolean {
  return !isLoopback(host) || (publicUrl !== undefined && !isLoopback(URL.parse(publicUrl)?.hostname.replace(/^\[(.*)\]$/, '$1') ?? ''))
}

function readFile (path: string, wrong: WrongSetting[]): Record<string, string> {
  if (!existsSync(path)) return {}
  try {
    const object: unknown = JSON.parse(readFileSync(path, 'utf8'))
    if (typeof object !== 'object' || object === null || Array.isArray(object)) throw new TypeError('not an object')
    const settings: Record<string, string> = {}
    for (const [name, value] of Object.entries(object)) {
      if (known.includes(name)) settings[name] = String(value)
      else wrong.push({ name, value: String(value), cure: `unknown setting in ${path}` })
    }
    return settings
  } catch (cause) {
    wrong.push({ name: path, value: '', cure: `not a readable JSON object of settings (${cause instanceof Error ? cause.message : 'unknown'})` })
    return {}
  }
}

/** By its first line: nobody is to believe that passwords are compared with a list that is none. */
function isListOfHashes (path: string): boolean {
  try {
    const file = openSync(path, 'r')
    const start = Buffer.alloc(41)
    const length = readSync(file, start)
    closeSync(file)
    return /^[\dA-F]{40}[:\r\n]?$/i.test(start.toString('latin1', 0, length))
  } catch {
    return false
  }
}

function shown (name: string, value: string): string {
  return variables[name.replace(/_FILE$/, '')]?.isSecret === true ? '(hidden)' : value
}

function describe (name: string, { from, value }: { from: Variable['from'], value: string | undefined }): Variable {
  const { group, byDefault, isSecret } = variables[name] ?? { group: 'reach', byDefault: null, isSecret: true }
  return { name, group, byDefault, isSecret, from, value: isSecret ? null : value ?? null }
}
