import { createPrivateKey, X509Certificate, type KeyObject } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { isIP } from 'node:net'
import { createSecureContext } from 'node:tls'
import type { Log } from '../log.ts'
import { day, DAY_MS, listeners, type Tls, type TlsState } from './tls.ts'

/** Supplied certificates are renewed by somebody else; these days before the end we say that it was not done. */
const LATE_MS = 14 * DAY_MS

/** One file that can not be used. `which` of the two; `cure`: what is wrong with it and what to do. */
export class SuppliedError extends Error {
  readonly which: 'certificate' | 'key'
  constructor (which: 'certificate' | 'key', cure: string, cause?: unknown) {
    super(cure, { cause })
    this.name = 'SuppliedError'
    this.which = which
  }
}

export type SuppliedOptions = {
  /** Paths of PEM files: the chain, the server's own certificate first, and its key. */
  certificatePath: string
  keyPath: string
  /** What people reach us by; null = not told. */
  publicUrl: string | null
  clock: () => number
  log: Log
}

type Supplied = { certificate: string, key: string, first: X509Certificate }

/**
 * TLS by certificate files from outside. A change of the files is taken over at the next check; one that can not be
 * used is logged, and the present certificate stays.
 * @throws SuppliedError at the start only
 */
export function openSupplied ({ certificatePath, keyPath, publicUrl, clock, log }: SuppliedOptions): Tls {
  let present = read(certificatePath, keyPath)
  let complainedOf = ''
  const served = listeners(present)
  complain()
  return {
    authority: null,
    options: served.options,
    serve: served.serve,
    check () {
      let next: Supplied
      try {
        next = read(certificatePath, keyPath)
      } catch (error) {
        const says = error instanceof Error ? error.message : String(error)
        if (says !== complainedOf) log.error('the files of the certificate changed and can not be used; the one before stays', { says })
        complainedOf = says
        return
      }
      complainedOf = ''
      if (next.certificate === present.certificate && next.key === present.key) return
      present = next
      served.present(present)
      log.info('the server has a new certificate', { until: day(present.first.validToDate.getTime()) })
      complain()
    },
    state
  }

  function state (): TlsState {
    const now = clock()
    const begins = present.first.validFromDate.getTime()
    const ends = present.first.validToDate.getTime()
    if (now < begins) return { status: 'failing', says: `The certificate holds from ${day(begins)} on, and the clock says ${day(now)}: set the clock, or supply another certificate.` }
    if (now >= ends) return { status: 'failing', says: `The certificate ended on ${day(ends)}: renew it; new files are taken over within a minute.` }
    if (ends - now < LATE_MS) return { status: 'degraded', says: `The certificate ends on ${day(ends)}: renew it; new files are taken over within a minute.` }
    return { status: 'ok', says: `Supplied certificate until ${day(ends)}.` }
  }

  function complain (): void {
    const { status, says } = state()
    if (status !== 'ok') log.error('TLS does not hold', { says })
    const host = URL.parse(publicUrl ?? '')?.hostname.replace(/^\[(.*)\]$/, '$1')
    if (host !== undefined && (isIP(host) === 0 ? present.first.checkHost(host) : present.first.checkIP(host)) === undefined) {
      log.warn('the certificate does not speak for the public address', { host, names: present.first.subjectAltName ?? '', cure: 'set ONCEKEY_PUBLIC_URL to one of its names, or supply one for this name' })
    }
  }
}

function read (certificatePath: string, keyPath: string): Supplied {
  const certificate = text(certificatePath, 'certificate')
  const key = text(keyPath, 'key')
  const first = parseCertificate(certificate)
  const privateKey = parseKey(key)
  if (first.ca) throw new SuppliedError('certificate', 'this file begins with the certificate of an authority; the server\'s own has to stand first' + (first.issuer === first.subject ? ' (one that you signed yourself: make it with -addext basicConstraints=critical,CA:FALSE)' : ''))
  if (!first.checkPrivateKey(privateKey)) throw new SuppliedError('key', `this key does not belong to the certificate in ${certificatePath}`)
  try {
    createSecureContext({ cert: certificate, key })
  } catch (cause) {
    throw new SuppliedError('certificate', `TLS can not use this certificate (${said(cause)})`, cause)
  }
  return { certificate, key, first }
}

function text (path: string, which: 'certificate' | 'key'): string {
  try {
    return readFileSync(path, 'utf8')
  } catch (cause) {
    const code = cause instanceof Error && 'code' in cause ? String(cause.code) : ''
    throw new SuppliedError(which, code === 'ENOENT' ? 'there is no such file' : code === 'EACCES' ? 'the user that runs Oncekey may not read this file' : `this file can not be read (${said(cause)})`, cause)
  }
}

function parseCertificate (pem: string): X509Certificate {
  if (!pem.includes('-----BEGIN CERTIFICATE-----')) throw new SuppliedError('certificate', pem.includes('PRIVATE KEY-----') ? 'this file holds a key; it belongs to ONCEKEY_TLS_KEY' : 'this is no certificate in PEM form (-----BEGIN CERTIFICATE-----)')
  try {
    return new X509Certificate(pem)
  } catch (cause) {
    throw new SuppliedError('certificate', `this certificate is damaged (${said(cause)})`, cause)
  }
}

function parseKey (pem: string): KeyObject {
  if (!pem.includes('PRIVATE KEY-----')) throw new SuppliedError('key', pem.includes('CERTIFICATE-----') ? 'this file holds a certificate; it belongs to ONCEKEY_TLS_CERT' : 'this is no private key in PEM form (-----BEGIN PRIVATE KEY-----)')
  if (pem.includes('ENCRYPTED')) throw new SuppliedError('key', 'this key is encrypted; supply it without a passphrase, readable only by the user that runs Oncekey')
  try {
    return createPrivateKey(pem)
  } catch (cause) {
    throw new SuppliedError('key', `this key is damaged (${said(cause)})`, cause)
  }
}

function said (cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause)
}
