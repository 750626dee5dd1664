import { hostname, networkInterfaces } from 'node:os'
import { BlockList, isIP, isIPv4, isIPv6 } from 'node:net'
import { isEverywhere } from '../reachable.ts'
import type { Names, Permits } from './certificates.ts'

/** Ends of names that nobody owns in the internet (RFC 6762, RFC 8375, and what routers hand out). */
const privateNames = ['localhost', 'local', 'lan', 'home', 'internal', 'localdomain', 'home.arpa']
/** Loopback, private, link-local and shared addresses (RFC 6890), and their IPv6 likes. */
const privateRanges = ['127.0.0.0/8', '10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', '169.254.0.0/16', '100.64.0.0/10', '::1/128', 'fc00::/7', 'fe80::/10']

/** Where we listen and what people call us. `publicUrl`: null = not told. */
export type Address = { host: string, publicUrl: string | null }

/** Every name and address by which this machine can be reached, now. */
export function ownNames ({ host, publicUrl }: Address): Names {
  const dns = ['localhost']
  const ip = ['127.0.0.1', '::1', ...lanAddresses()]
  const add = (name: string): void => {
    const plain = name.toLowerCase().replace(/^\[(.*)\]$/, '$1')
    if (isIP(plain) !== 0) ip.push(plain)
    else if (isDnsName(plain)) dns.push(plain)
  }
  const own = hostname()
  add(own)
  // What most machines and phones find each other by without a name server (RFC 6762).
  if (!own.includes('.')) add(own + '.local')
  if (!isEverywhere(host)) add(host)
  add(URL.parse(publicUrl ?? '')?.hostname ?? '')
  return { dns: [...new Set(dns)], ip: [...new Set(ip)].filter((one) => !one.includes('%')) }
}

/** Addresses in the networks of this machine: IPv4, and IPv6 that does not change by the day. */
function lanAddresses (): string[] {
  return Object.values(networkInterfaces()).flatMap((all) => all ?? [])
    .filter((one) => !one.internal && (one.family === 'IPv4' || /^f[cd]/i.test(one.address))).map((one) => one.address.toLowerCase())
}

/** What an authority made now may sign: private names and addresses, and those that this machine has or was told. */
export function permitsFor (names: Names): Permits {
  const range = rangesOf(privateRanges)
  return {
    dns: [...new Set([...privateNames, ...names.dns.filter((name) => !isBelow(name, privateNames))])],
    ip: [...privateRanges, ...names.ip.filter((ip) => !range(ip)).map((ip) => `${ip}/${isIPv4(ip) ? 32 : 128}`)]
  }
}

/** Parts what may be signed from what may not. */
export function sortNames (names: Names, permits: Permits): { permitted: Names, refused: string[] } {
  const range = rangesOf(permits.ip)
  const dns = names.dns.filter((name) => isBelow(name, permits.dns))
  const ip = names.ip.filter(range)
  return { permitted: { dns, ip }, refused: [...names.dns.filter((name) => !dns.includes(name)), ...names.ip.filter((one) => !ip.includes(one))] }
}

function isBelow (name: string, tops: readonly string[]): boolean {
  return tops.some((top) => name === top || name.endsWith('.' + top))
}

function rangesOf (ranges: readonly string[]): (ip: string) => boolean {
  const list = new BlockList()
  for (const range of ranges) {
    const [address = '', length = ''] = range.split('/')
    list.addSubnet(address, Number(length), isIPv6(address) ? 'ipv6' : 'ipv4')
  }
  return (ip) => list.check(ip, isIPv6(ip) ? 'ipv6' : 'ipv4')
}

function isDnsName (name: string): boolean {
  return name.length <= 253 && /^[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?(\.[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?)*$/.test(name)
}
