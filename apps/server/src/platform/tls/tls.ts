import type { SecureContextOptions, Server } from 'node:tls'
import type { Pair } from './certificates.ts'

/** What our TLS listeners present, who vouches for it, and its renewal while they run. */
export type Tls = {
  /** Who has to be trusted first; null with a certificate from outside. */
  authority: Authority | null
  /** For a listener that is being made. */
  options: () => SecureContextOptions
  /** Gives a listener every later certificate, without closing it. */
  serve: (server: Server) => void
  /** Looks whether the certificate is still the right one; called again and again. */
  check: () => void
  /** For the health page. */
  state: () => TlsState
}

export type TlsState = { status: 'ok' | 'degraded' | 'failing', says: string }

/** An authority of our own. `fingerprint`: SHA-256 of its certificate, as trust stores show it: AB:CD:… */
export type Authority = { name: string, pem: string, der: Buffer, fingerprint: string, endsAt: number }

export const DAY_MS = 86_400_000

/**
 * Versions and ciphers of every listener: TLS 1.2 with ephemeral keys and authenticated encryption only (what RFC 9325
 * recommends), and all of TLS 1.3.
 */
const strength: SecureContextOptions = {
  minVersion: 'TLSv1.2',
  ciphers: [
    'TLS_AES_128_GCM_SHA256', 'TLS_AES_256_GCM_SHA384', 'TLS_CHACHA20_POLY1305_SHA256',
    'ECDHE-ECDSA-AES128-GCM-SHA256', 'ECDHE-RSA-AES128-GCM-SHA256', 'ECDHE-ECDSA-AES256-GCM-SHA384', 'ECDHE-RSA-AES256-GCM-SHA384',
    'ECDHE-ECDSA-CHACHA20-POLY1305', 'ECDHE-RSA-CHACHA20-POLY1305'
  ].join(':')
}

/** The listeners of one certificate. `present` gives all of them another one. */
export function listeners (first: Pick<Pair, 'certificate' | 'key'>): { options: Tls['options'], serve: Tls['serve'], present: (next: Pick<Pair, 'certificate' | 'key'>) => void } {
  const servers = new Set<Server>()
  let options: SecureContextOptions = { ...strength, cert: first.certificate, key: first.key }
  return {
    options: () => options,
    serve (server) {
      servers.add(server)
      server.once('close', () => { servers.delete(server) })
    },
    present (next) {
      options = { ...strength, cert: next.certificate, key: next.key }
      for (const server of servers) server.setSecureContext(options)
    }
  }
}

/** A day as people read it, UTC. */
export function day (ms: number): string {
  return new Date(ms).toISOString().slice(0, 10)
}
