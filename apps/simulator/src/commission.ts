/** How a new controller becomes somebody's: it shows a claim code and asks until an administrator has typed it. */
import { toBase64url } from '@oncekey/otp/bytes'
import { identityFrom, type IdentityFile } from './identity.ts'
import { realEntropy, type Entropy } from './ports.ts'

/** `mqttPort`, `mqttsPort`: of the broker without and with TLS, 0 = none; `ca`: PEM of the only authority to trust there, null = those that are known to all. */
export type Commissioned = IdentityFile & BrokerAt
export type BrokerAt = { mqttPort: number, mqttsPort: number, ca: string | null }

export type CommissionOptions = {
  /** The server's address, like http://127.0.0.1:8080 */
  server: string
  locks: number
  hardware?: string
  firmware?: string
  entropy?: Entropy
  fetch?: typeof fetch
  /** Told the claim code, ten characters, before the server is. */
  onClaimCode?: (claimCode: string) => void
  /** Ends the asking. */
  signal?: AbortSignal
}

/** Without letters that are taken for digits, so that it can be read from a display and typed. */
const claimLetters = '23456789ABCDEFGHJKLMNPQRSTUVWXYZ'

/** Asks until it is claimed. Throws when the server refuses, with the server's own words; waits while it is not there. */
export async function commission (options: CommissionOptions): Promise<Commissioned> {
  const { server, locks, entropy = realEntropy, signal } = options
  const claimCode = newClaimCode(entropy)
  const key = toBase64url(entropy(32))
  const form = JSON.stringify({ key, claimCode, hardware: options.hardware ?? 'simulator', firmware: options.firmware ?? '0.1.0', locks })
  options.onClaimCode?.(claimCode)
  for (;;) {
    signal?.throwIfAborted()
    const answer = await ask()
    if (answer !== null && answer.claimed) return { siteId: answer.siteId, controllerId: answer.controllerId, key, locks, mqttPort: answer.mqttPort, mqttsPort: answer.mqttsPort, ca: answer.ca }
    await pause(answer === null ? 2000 : answer.retryAfterMs, signal)
  }

  async function ask (): Promise<Answer | null> {
    const { fetch = globalThis.fetch } = options
    const path = new URL('api/v1/commissioning', server.endsWith('/') ? server : server + '/')
    const response = await fetch(path, { method: 'POST', headers: { 'content-type': 'application/json' }, body: form, ...(signal === undefined ? {} : { signal }) }).catch((error: unknown) => {
      const code = distrust(error)
      // Waiting would not help, and whoever poses as the server must not get the key.
      if (code !== null) throw new Error(`The certificate of ${server} is not trusted (${code}). Give the certificate of its authority: --ca FILE; the server has it at /ca.pem.`, { cause: error })
      return null
    })
    if (response === null) return null
    const body: unknown = await response.json().catch(() => null)
    if (response.status === 429 || response.status === 503) return { claimed: false, retryAfterMs: 1000 * Number(response.headers.get('retry-after') ?? 5) }
    const answer = response.ok ? answerFrom(body, key) : null
    if (answer === null) throw new Error(`The server refused this controller (${response.status}): ${titleOf(body)}`)
    return answer
  }
}

type Answer = { claimed: false, retryAfterMs: number } | { claimed: true, siteId: string, controllerId: string } & BrokerAt

function answerFrom (body: unknown, key: string): Answer | null {
  const { claimed, retryAfterMs, siteId, controllerId, mqttPort, mqttsPort = 0, ca = null } = Object(body) as Record<string, unknown>
  if (claimed === false && typeof retryAfterMs === 'number') return { claimed, retryAfterMs }
  if (claimed !== true || typeof siteId !== 'string' || typeof controllerId !== 'string' || typeof mqttPort !== 'number' || typeof mqttsPort !== 'number' || (ca !== null && typeof ca !== 'string')) return null
  return identityFrom({ siteId, controllerId, key }) === null ? null : { claimed, siteId, controllerId, mqttPort, mqttsPort, ca }
}

/** Ten characters out of 32: 50 bits, and every byte maps evenly. */
export function newClaimCode (entropy: Entropy): string {
  return Array.from(entropy(10), (byte) => claimLetters.charAt(byte & 31)).join('')
}

/** The broker of a server; with TLS where there is one. @param host without brackets or with them */
export function brokerOf (host: string, at: Partial<BrokerAt>): { url: string, ca?: string } {
  const { mqttPort = 1883, mqttsPort = 0, ca = null } = at
  if (mqttsPort === 0) return { url: `mqtt://${host}:${mqttPort}` }
  return { url: `mqtts://${host}:${mqttsPort}`, ...(ca === null ? {} : { ca }) }
}

/** The reason why a certificate was not taken; null for an error of another kind. */
function distrust (error: unknown): string | null {
  const cause = error instanceof Error ? error.cause : null
  const code = cause instanceof Error && 'code' in cause ? String(cause.code) : ''
  return /CERT|SELF_SIGNED|UNABLE_TO_(VERIFY|GET)/.test(code) ? code : null
}

function titleOf (body: unknown): string {
  const { title, cure } = Object(body) as Record<string, unknown>
  return [title, cure].filter((one) => typeof one === 'string').join(' ') || 'no reason given'
}

function pause (ms: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(resolve, ms)
    signal?.addEventListener('abort', () => {
      clearTimeout(timer)
      reject(signal.reason instanceof Error ? signal.reason : new Error('stopped'))
    }, { once: true })
  })
}
