/** How a new controller becomes somebody's: it shows a claim code and asks until an administrator has typed it. */
import { claimAnswer, newClaimForm, type BrokerAt, type ClaimAnswer, type Commissioned } from '@oncekey/host'
import { realEntropy, type Entropy } from './ports.ts'

export type { BrokerAt, Commissioned }

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

/** Asks until it is claimed. Throws when the server refuses, with the server's own words; waits while it is not there. */
export async function commission (options: CommissionOptions): Promise<Commissioned> {
  const { server, locks, entropy = realEntropy, signal } = options
  const about = newClaimForm(entropy, { hardware: options.hardware ?? 'simulator', firmware: options.firmware ?? '0.1.0', locks })
  const { key } = about
  const form = JSON.stringify(about)
  options.onClaimCode?.(about.claimCode)
  for (;;) {
    signal?.throwIfAborted()
    const answer = await ask()
    if (answer !== null && answer.claimed) return { siteId: answer.siteId, controllerId: answer.controllerId, key, locks, mqttPort: answer.mqttPort, mqttsPort: answer.mqttsPort, ca: answer.ca }
    await pause(answer === null ? 2000 : answer.retryAfterMs, signal)
  }

  async function ask (): Promise<ClaimAnswer | null> {
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
    const answer = response.ok ? claimAnswer(body, key) : null
    if (answer === null) throw new Error(`The server refused this controller (${response.status}): ${titleOf(body)}`)
    return answer
  }
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
