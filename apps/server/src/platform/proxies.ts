import { BlockList, isIP, isIPv4, SocketAddress } from 'node:net'

/** Whether an address is one of the proxies that the operator named. */
export type IsProxy = (address: string) => boolean

/** Who asks, behind the proxies that were named. */
export type Client = {
  address: string
  /** How the client came to the first proxy that says so; null: as the connection itself. */
  protocol: 'http' | 'https' | null
  /** Whether X-Forwarded-For came from somebody who was not named. */
  isUnheard: boolean
}

/** The parts of a request that say who asks; of Node's, and of one that is about to become a WebSocket. */
type Asked = { socket: { remoteAddress?: string | undefined }, headers: Record<string, string | string[] | undefined> }

/** What `loopback` stands for in the setting. */
const loopback = ['127.0.0.0/8', '::1/128']
/** Why a network is too wide to be a proxy's. */
const TOO_WIDE = 'covers so much that clients are in it, and any of them could name any address as its own: name the proxies alone'
/** Shorter prefixes name half the world rather than proxies. */
const shortest = { ipv4: 8, ipv6: 16 }
/** Addresses that are remembered as a proxy's or not. */
const MOST_KNOWN = 1000
/** Proxies in a row; whoever names more is not believed. */
const MOST_HOPS = 10

/**
 * Reads ONCEKEY_TRUSTED_PROXIES: addresses, networks (CIDR) and the word `loopback`, with commas between them.
 * Refused is what could mean something else than it says, because whoever is in this list may name any address as the
 * client's: a network so wide that clients are in it (shorter than /8, in IPv6 /16), one with host bits (the one machine
 * or its whole network?), IPv4 in IPv6's clothes, names (the answer of a name server is not ours), and nothing at all.
 * @param tooWide why a wide network can not be meant, where the list is of something else
 * @returns `networks` in CIDR notation; `cures`, a sentence for each entry that can not be used
 */
export function readProxies (text: string, { tooWide = TOO_WIDE }: { tooWide?: string } = {}): { networks: string[], cures: string[] } {
  const networks: string[] = []
  const cures: string[] = []
  for (const entry of text.split(',').map((one) => one.trim())) {
    const read = entry === 'loopback' ? loopback : networkIn(entry, tooWide)
    if (typeof read === 'string') cures.push(read)
    else networks.push(...read)
  }
  return { networks, cures }
}

/** Whether programs on this machine are among them. */
export function reachLoopback (networks: readonly string[]): boolean {
  return networks.some((one) => one.startsWith('127.') || one === '::1/128')
}

/** @param networks in CIDR notation, as `readProxies` returns them */
export function proxiesIn (networks: readonly string[]): IsProxy {
  if (networks.length === 0) return () => false
  const list = new BlockList()
  for (const network of networks) {
    const [address = '', prefix] = network.split('/')
    list.addSubnet(address, Number(prefix), isIPv4(address) ? 'ipv4' : 'ipv6')
  }
  // The other end of nearly every connection is one of a few.
  const known = new Map<string, boolean>()
  const look = (address: string): boolean => {
    const plain = canonical(address.replace(/%.*$/, ''))
    return plain !== null && list.check(plain, isIPv4(plain) ? 'ipv4' : 'ipv6')
  }
  return (address) => {
    const before = known.get(address)
    if (before !== undefined) return before
    const found = look(address)
    if (known.size >= MOST_KNOWN) known.clear()
    known.set(address, found)
    return found
  }
}

/**
 * Who asks. Without a named proxy at the other end of the connection that is this end itself, whatever the headers say.
 * With one it is the right-most address of X-Forwarded-For that is not a named proxy: each proxy writes to the right of
 * what it was given, so a client's own inventions are to the left of the client's address. A value that does not lead to
 * such an address (no address, one with a port or in brackets, an empty one, too many proxies) counts as none: then it
 * is the proxy itself who asks. X-Forwarded-Proto counts when it is one word; X-Forwarded-Host and Forwarded never do.
 */
export function clientOf ({ socket, headers }: Asked, isProxy: IsProxy): Client {
  const peer = socket.remoteAddress ?? ''
  const forwarded = headers['x-forwarded-for']
  if (!isProxy(peer)) return { address: peer, protocol: null, isUnheard: forwarded !== undefined }
  const protocol = String(headers['x-forwarded-proto'] ?? '').trim().toLowerCase()
  return { address: behind(String(forwarded ?? ''), isProxy) ?? peer, protocol: protocol === 'http' || protocol === 'https' ? protocol : null, isUnheard: false }
}

/** The right-most address that is no proxy; null when something else comes first. */
function behind (forwarded: string, isProxy: IsProxy): string | null {
  let end = forwarded.length
  for (let hops = 0; hops < MOST_HOPS && end >= 0; hops++) {
    const comma = end === 0 ? -1 : forwarded.lastIndexOf(',', end - 1)
    const address = canonical(forwarded.slice(comma + 1, end).trim())
    if (address === null) return null
    if (!isProxy(address)) return address
    end = comma
  }
  return null
}

/** One way of writing for each address, IPv4 as IPv4; null for what is none, or is one of a single link (`%eth0`) only. */
function canonical (text: string): string | null {
  if (isIPv4(text)) return text
  if (isIP(text) === 0 || text.includes('%')) return null
  const { address } = new SocketAddress({ address: text, family: 'ipv6' })
  return /^::ffff:(\d+\.\d+\.\d+\.\d+)$/.exec(address)?.[1] ?? address
}

/** @returns the one network, or the cure */
function networkIn (entry: string, tooWide: string): [string] | string {
  if (entry === '') return 'an entry is empty: leave away the comma too many'
  const [text = '', length, ...more] = entry.split('/')
  const address = canonical(text)
  if (address === null || more.length > 0 || !(length === undefined || /^(0|[1-9]\d{0,2})$/.test(length))) return `${entry} is neither an address such as 192.0.2.7 or 2001:db8::7, nor a network such as 192.0.2.0/24, nor the word loopback`
  const family = isIPv4(address) ? 'ipv4' : 'ipv6'
  const bits = family === 'ipv4' ? 32 : 128
  const prefix = length === undefined ? bits : Number(length)
  if (family === 'ipv4' && text.includes(':') && length !== undefined) return `${entry} is a network of IPv4 written as IPv6: write it as IPv4`
  if (prefix > bits) return `${entry}: the number after the slash is at most ${bits}`
  const value = numberOf(address)
  const hosts = BigInt(bits - prefix)
  // Node's list takes IPv4 for a part of IPv6, at ::ffff:0:0/96.
  const hasIPv4 = family === 'ipv6' && value >> hosts === 0xffff_0000_0000n >> hosts
  if (prefix < shortest[family] || value === 0n || hasIPv4) return `${entry} ${tooWide}, no network wider than /${shortest[family]}`
  if ((value >> hosts) << hosts !== value) return `${entry} may mean one machine or a whole network: write ${address} for the machine, or clear the bits after the first ${prefix} for the network`
  return [`${address}/${prefix}`]
}

function numberOf (address: string): bigint {
  if (isIPv4(address)) return address.split('.').reduce((sum, byte) => sum * 256n + BigInt(byte), 0n)
  // A URL writes no IPv4 at the end of IPv6; eight groups are left to fill.
  const [head = '', tail] = new URL(`http://[${address}]`).hostname.slice(1, -1).split('::')
  const groups = (part: string | undefined): string[] => part === undefined || part === '' ? [] : part.split(':')
  const start = groups(head)
  const end = groups(tail)
  const all = [...start, ...Array.from({ length: 8 - start.length - end.length }, () => '0'), ...end]
  return all.reduce((sum, group) => sum * 65536n + BigInt(`0x${group}`), 0n)
}
