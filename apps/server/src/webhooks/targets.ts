import { BlockList, isIP, isIPv4 } from 'node:net'
import type { InLanguages } from '../platform/language.ts'
import { inAll } from '../platform/needs/all.ts'
import { proxiesIn } from '../platform/proxies.ts'

/**
 * Where a message may go. Whoever may make a webhook must not reach by it what only this machine can: its own services,
 * the network that it stands in, and the addresses at which clouds give secrets to whatever runs there.
 *
 * An address counts, never a name: what a name means is looked up once, every address of the answer is judged, and the
 * connection goes to those and no other (see post.ts).
 */
export type Targets = {
  /** Why this URL can not be one, in a word; null: it may be. Says nothing of what its name means. */
  refusalOf: (url: string) => TargetRefusal | null
  /** Whether a message may go to this address, in this way. */
  admits: (address: string, protocol: string) => boolean
}
export type TargetRefusal = 'noUrl' | 'schemeRefused' | 'credentialsRefused' | 'portRefused' | 'addressRefused'

/** What a form says of each. */
export const targetNeeds: Readonly<Record<TargetRefusal, InLanguages>> = Object.freeze({
  noUrl: inAll((needs) => needs.hookUrl),
  schemeRefused: inAll((needs) => needs.hookScheme),
  credentialsRefused: inAll((needs) => needs.hookCredentials),
  portRefused: inAll((needs) => needs.hookPort),
  addressRefused: inAll((needs) => needs.hookAddress)
})

// IANA's registries of special addresses, IPv4. 192.88.99.0/24 was for 6to4 relays; 168.63.129.16 is public by its number,
// and what answers there gives away secrets of machines in a cloud.
const special = new BlockList()
for (const [network, bits] of [
  ['0.0.0.0', 8], ['10.0.0.0', 8], ['100.64.0.0', 10], ['127.0.0.0', 8], ['169.254.0.0', 16], ['172.16.0.0', 12], ['192.0.0.0', 24], ['192.0.2.0', 24], ['192.88.99.0', 24],
  ['192.168.0.0', 16], ['198.18.0.0', 15], ['198.51.100.0', 24], ['203.0.113.0', 24], ['224.0.0.0', 4], ['240.0.0.0', 4], ['168.63.129.16', 32]
] as const) special.addSubnet(network, bits)
// IPv6 the other way round: only what is given to networks of the world (2000::/3), without Teredo and its neighbours,
// documentation and 6to4. Loopback, link-local, ULA, multicast, NAT64 and IPv4 in IPv6's clothes lie outside of it.
const world = new BlockList()
world.addSubnet('2000::', 3, 'ipv6')
for (const [network, bits] of [['2001::', 23], ['2001:db8::', 32], ['2002::', 16], ['3fff::', 20]] as const) special.addSubnet(network, bits, 'ipv6')

// Not even where an operator names them: "any", link-local with the clouds' secrets, multicast, and their places elsewhere.
const never = new BlockList()
for (const [network, bits] of [['0.0.0.0', 8], ['169.254.0.0', 16], ['224.0.0.0', 4], ['240.0.0.0', 4], ['168.63.129.16', 32], ['100.100.100.200', 32], ['192.0.0.192', 32]] as const) never.addSubnet(network, bits)
for (const [network, bits] of [['::', 128], ['fe80::', 10], ['ff00::', 8], ['fd00:ec2::254', 128]] as const) never.addSubnet(network, bits, 'ipv6')

/** Below it are mail, name servers, databases of long ago, and the two that are meant. */
const FIRST_FREE_PORT = 1024

/** @param networks of one's own to which messages may go, also without TLS (CIDR) */
export function targetsIn (networks: readonly string[]): Targets {
  const isNamed = proxiesIn(networks)
  const admits = (address: string, protocol: string): boolean => {
    const family = isIPv4(address) ? 'ipv4' : 'ipv6'
    if (isIP(address) === 0 || never.check(address, family)) return false
    // IPv4 in IPv6's clothes is no spelling that a name server gives; Node would take it for its IPv4 in every list.
    if (family === 'ipv6' && /^::ffff:/i.test(new URL(`http://[${address}]`).hostname.slice(1))) return false
    if (isNamed(address)) return true
    return protocol === 'https:' && !special.check(address, family) && (family === 'ipv4' || world.check(address, 'ipv6'))
  }
  return {
    admits,
    refusalOf (text) {
      const url = URL.parse(text)
      if (url === null || url.hostname === '') return 'noUrl'
      if (url.protocol !== 'https:' && !(url.protocol === 'http:' && networks.length > 0)) return 'schemeRefused'
      if (url.username !== '' || url.password !== '') return 'credentialsRefused'
      const port = portOf(url)
      if (port < FIRST_FREE_PORT && port !== 80 && port !== 443) return 'portRefused'
      // The parser has made 127.0.0.1 of 2130706433, 0x7f.1 and 0177.0.0.1 by now.
      const host = hostOf(url)
      return isIP(host) !== 0 && !admits(host, url.protocol) ? 'addressRefused' : null
    }
  }
}

/** The host as sockets take it: IPv6 without its brackets. */
export function hostOf ({ hostname }: Pick<URL, 'hostname'>): string {
  return hostname.replace(/^\[(.*)\]$/, '$1')
}

function portOf ({ port, protocol }: URL): number {
  return port === '' ? (protocol === 'https:' ? 443 : 80) : Number(port)
}
