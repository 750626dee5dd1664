/**
 * Makes X.509 certificates (RFC 5280): an authority of one's own, and what it signs for this server. ECDSA on P-256 with
 * SHA-256, which every browser and the small TLS libraries of microcontrollers take.
 */
import { createHash, createPrivateKey, createPublicKey, generateKeyPairSync, randomBytes, sign, type KeyObject } from 'node:crypto'
import { isIPv4 } from 'node:net'
import { bits, explicit, implicit, integer, isTrue, octets, oid, sequence, set, time, utf8 } from './der.ts'

/** PEM of both. `beginsAt`, `endsAt`: ms since 1970 UTC, whole seconds. */
export type Pair = { certificate: string, key: string, beginsAt: number, endsAt: number }

/** Names that a certificate speaks for. `dns` in lower case; `ip` without brackets. */
export type Names = { dns: readonly string[], ip: readonly string[] }

/** What an authority may sign: `dns` names and all below them; `ip` ranges such as 10.0.0.0/8. */
export type Permits = { dns: readonly string[], ip: readonly string[] }

const CN = '2.5.4.3'
const ORGANIZATION = '2.5.4.10'
const ecdsaWithSha256 = sequence(oid('1.2.840.10045.4.3.2'))

/**
 * An authority that signs server certificates, and only for what `permits` names: whoever steals its key can not pose
 * as the rest of the internet before the devices that trust it.
 */
export function makeAuthority ({ name, permits, beginsAt, endsAt }: { name: string, permits: Permits, beginsAt: number, endsAt: number }): Pair {
  const { publicKey, privateKey } = newKeys()
  const subtrees = [...permits.dns.map(dnsName), ...permits.ip.map(ipRange)].map((base) => sequence(base))
  const certificate = signed({
    issuer: name, subject: name, beginsAt, endsAt, publicKey, signWith: privateKey,
    extensions: [
      extension('2.5.29.19', sequence(isTrue, integer(Buffer.from([0]))), true),
      // keyCertSign and cRLSign
      extension('2.5.29.15', bits(Buffer.from([0b0000_0110]), 1), true),
      extension('2.5.29.14', octets(keyId(publicKey))),
      // Not critical, although RFC 5280 4.2.1.10 wants it so: mbedTLS refuses a certificate with a critical extension
      // that it does not know, and browsers and OpenSSL heed it either way.
      extension('2.5.29.30', sequence(explicit(0, ...subtrees)))
    ]
  })
  return { certificate, key: pemOf(privateKey), beginsAt, endsAt }
}

/** A server's certificate for `names`, with a new key. `authority.name`: as it was made with. */
export function issueCertificate (authority: Pair & { name: string }, { names, beginsAt, endsAt }: { names: Names, beginsAt: number, endsAt: number }): Pair {
  const { publicKey, privateKey } = newKeys()
  const signWith = createPrivateKey(authority.key)
  const certificate = signed({
    issuer: authority.name, subject: names.dns[0] ?? 'localhost', beginsAt, endsAt, publicKey, signWith,
    extensions: [
      extension('2.5.29.19', sequence(), true),
      // digitalSignature
      extension('2.5.29.15', bits(Buffer.from([0b1000_0000]), 7), true),
      // serverAuth
      extension('2.5.29.37', sequence(oid('1.3.6.1.5.5.7.3.1'))),
      extension('2.5.29.17', sequence(...names.dns.map(dnsName), ...names.ip.map((ip) => implicit(7, ipOctets(ip))))),
      extension('2.5.29.14', octets(keyId(publicKey))),
      extension('2.5.29.35', sequence(implicit(0, keyId(createPublicKey(signWith)))))
    ]
  })
  return { certificate, key: pemOf(privateKey), beginsAt, endsAt }
}

type Contents = { issuer: string, subject: string, beginsAt: number, endsAt: number, publicKey: KeyObject, signWith: KeyObject, extensions: Buffer[] }

function signed ({ issuer, subject, beginsAt, endsAt, publicKey, signWith, extensions }: Contents): string {
  const serial = randomBytes(16)
  // Never zero, and as long as it is.
  serial[0] = 0x40 | (serial[0] ?? 0) & 0x3f
  const contents = sequence(
    explicit(0, integer(Buffer.from([2]))),
    integer(serial), ecdsaWithSha256, distinguished(issuer), sequence(time(beginsAt), time(endsAt)), distinguished(subject),
    publicKey.export({ type: 'spki', format: 'der' }), explicit(3, sequence(...extensions))
  )
  const der = sequence(contents, ecdsaWithSha256, bits(sign('sha256', contents, signWith)))
  return `-----BEGIN CERTIFICATE-----\n${der.toString('base64').replaceAll(/.{64}(?!$)/g, '$&\n')}\n-----END CERTIFICATE-----\n`
}

function distinguished (name: string): Buffer {
  const attribute = (type: string, value: string): Buffer => set(sequence(oid(type), utf8(value)))
  return sequence(attribute(ORGANIZATION, 'Oncekey'), attribute(CN, name.slice(0, 64)))
}

function extension (id: string, value: Buffer, isCritical = false): Buffer {
  return isCritical ? sequence(oid(id), isTrue, octets(value)) : sequence(oid(id), octets(value))
}

/** RFC 7093 method 1: the first 160 bits of the key's SHA-256. */
function keyId (publicKey: KeyObject): Buffer {
  return createHash('sha256').update(publicKey.export({ type: 'spki', format: 'der' })).digest().subarray(0, 20)
}

function dnsName (name: string): Buffer {
  return implicit(2, Buffer.from(name, 'ascii'))
}

function ipRange (range: string): Buffer {
  const [address = '', length = ''] = range.split('/')
  const octetsOf = ipOctets(address)
  const mask = octetsOf.map((_octet, i) => 0xff & ~(0xff >> Math.min(8, Math.max(0, Number(length) - 8 * i))))
  return implicit(7, Buffer.concat([octetsOf, mask]))
}

/** An address as 4 or 16 octets. */
export function ipOctets (ip: string): Buffer {
  if (isIPv4(ip)) return Buffer.from(ip.split('.').map(Number))
  const groups = (text: string): number[] => text === '' ? [] : text.split(':').map((group) => Number.parseInt(group, 16))
  const [head = '', tail] = ip.split('::')
  const first = groups(head)
  const last = tail === undefined ? [] : groups(tail)
  const all = tail === undefined ? first : [...first, ...Array.from({ length: 8 - first.length - last.length }, () => 0), ...last]
  return Buffer.from(all.flatMap((group) => [group >> 8, group & 0xff]))
}

function newKeys (): { publicKey: KeyObject, privateKey: KeyObject } {
  return generateKeyPairSync('ec', { namedCurve: 'prime256v1' })
}

function pemOf (privateKey: KeyObject): string {
  return privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()
}
