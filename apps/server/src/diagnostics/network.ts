import { lookup } from 'node:dns/promises'
import { isIP } from 'node:net'
import { checkServerIdentity, connect, type DetailedPeerCertificate } from 'node:tls'
import type { Finding } from '@oncekey/protocol/schemas'
import { isLoopback } from '../config.ts'
import { faultOf, find } from './finding.ts'
import { ownAddress } from './own-address.ts'
import type { Patient } from './patient.ts'

const DAY_MS = 86_400_000
/** Supplied certificates are renewed by somebody else, our own a month before their end. */
const LATE_DAYS = 14

/** Whether the names in the settings have addresses. */
export async function lookAtNames ({ config }: Patient): Promise<Finding[]> {
  const asked = [['ONCEKEY_PUBLIC_URL', config.publicUrl], ['ONCEKEY_SMTP_URL', config.smtpUrl], ...Object.entries(config.channels).map(([channel, one]) => [`ONCEKEY_${channel.toUpperCase()}_URL`, one === null ? null : one.is === 'gateway' ? one.url : one.base] as const)] as const
  const names = asked.flatMap(([setting, url]) => {
    const host = hostOf(url)
    return host === null || isIP(host) !== 0 || host === 'localhost' ? [] : [{ setting, host }]
  })
  return Promise.all(names.map(({ setting, host }) => lookup(host).then(() => find('dns.ok', { host }), (error: unknown) => find('dns.unknown', { host, setting, fault: faultOf(error) }))))
}

/** Whether people are given a certificate that is good for the address by which they come. */
export async function lookAtTls ({ config, ports, now, patienceMs, server }: Patient): Promise<Finding[]> {
  const url = URL.parse(config.publicUrl ?? '')
  const isByProxy = config.tls === 'off' && url?.protocol === 'https:'
  if (config.tls === 'off' && !isByProxy) return [isLoopback(config.host) ? find('tls.notNeeded') : find('tls.off')]
  // Our own listener is there only with the server, whose absence is a finding of its own.
  if (!isByProxy && (ports.https === 0 || (await server()).health === null)) return []
  const name = hostOf(config.publicUrl) ?? ownAddress(config.host)
  const [host, port] = isByProxy ? [name, Number(url?.port) || 443] : [ownAddress(config.host), ports.https]
  try {
    const certificate = await certificateAt(host, port, name, patienceMs / 2)
    const begins = Date.parse(certificate.valid_from)
    const days = Math.floor((Date.parse(certificate.valid_to) - now) / DAY_MS)
    if (now < begins || days < 0) return [find('tls.ended', { host: name })]
    // By its own address a server of this machine alone is called many ways, none of them public.
    if (config.publicUrl !== null && checkServerIdentity(name, certificate) !== undefined) return [find('tls.otherName', { host: name })]
    return [find(days < LATE_DAYS ? 'tls.ending' : 'tls.ok', { host: name, days })]
  } catch (error) {
    return [find('tls.away', { host: `${host}:${port}`, fault: faultOf(error) })]
  }
}

/** Whoever vouches for it: an authority of our own is known to browsers only after people have trusted it. */
function certificateAt (host: string, port: number, name: string, ms: number): Promise<DetailedPeerCertificate> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host, port, rejectUnauthorized: false, ...isIP(name) === 0 && { servername: name } })
    socket.setTimeout(ms, () => { socket.destroy(Object.assign(new Error('No answer.'), { code: 'ETIMEDOUT' })) })
    socket.on('error', reject)
    socket.once('secureConnect', () => {
      const certificate = socket.getPeerCertificate(true)
      socket.destroy()
      resolve(certificate)
    })
  })
}

function hostOf (url: string | null): string | null {
  const host = URL.parse(url ?? '')?.hostname.replace(/^\[(.*)\]$/, '$1') ?? ''
  return host === '' ? null : host
}
