import assert from 'node:assert/strict'
import { X509Certificate } from 'node:crypto'
import type { AddressInfo } from 'node:net'
import { test } from 'node:test'
import { connect, createServer } from 'node:tls'
import { ipOctets, issueCertificate, makeAuthority, type Names, type Pair } from './certificates.ts'
import { bits, integer, oid, sequence, time } from './der.ts'
import { ownNames, permitsFor, sortNames } from './names.ts'
import { DAY_MS } from './tls.ts'

const now = Math.floor(Date.now() / 1000) * 1000
const names: Names = { dns: ['keys.lan', 'localhost'], ip: ['127.0.0.1', 'fd00::7'] }
const permits = permitsFor(names)
const authority = { name: 'Oncekey test 0001', ...makeAuthority({ name: 'Oncekey test 0001', permits, beginsAt: now - DAY_MS, endsAt: now + 3650 * DAY_MS }) }
const issue = (more: Partial<Parameters<typeof issueCertificate>[1]> = {}): Pair => issueCertificate(authority, { names, beginsAt: now - DAY_MS, endsAt: now + 300 * DAY_MS, ...more })

/** What a TLS client that trusts only `ca` says when it reaches a server with this certificate by a name. */
async function greeted (pair: Pair, servername: string, ca: string): Promise<string> {
  const server = createServer({ cert: pair.certificate, key: pair.key })
  await new Promise<void>((resolve) => { server.listen(0, '127.0.0.1', () => { resolve() }) })
  const { port } = server.address() as AddressInfo
  try {
    return await new Promise((resolve) => {
      const socket = connect({ port, host: '127.0.0.1', servername, ca }, () => {
        socket.destroy()
        resolve('trusted')
      })
      socket.on('error', (error) => { resolve('code' in error && error.code !== 'UNSPECIFIED' ? String(error.code) : error.message) })
    })
  } finally {
    await new Promise((resolve) => { server.close(resolve) })
  }
}

test('values are written as the standard\'s own examples are', () => {
  // X.690 8.19.5, 8.3, 8.6.4.2; RFC 5280 4.1.2.5
  assert.equal(oid('2.100.3').toString('hex'), '0603813403')
  assert.equal(oid('1.2.840.113549').toString('hex'), '06062a864886f70d')
  assert.equal(integer(Buffer.from([0, 0, 0x80])).toString('hex'), '02020080')
  assert.equal(integer(Buffer.from([0, 0])).toString('hex'), '020100')
  assert.equal(integer(Buffer.from([0x7f])).toString('hex'), '02017f')
  assert.equal(bits(Buffer.from('0a3b5f291cd0', 'hex'), 4).toString('hex'), '0307040a3b5f291cd0')
  assert.equal(sequence(Buffer.alloc(200)).subarray(0, 3).toString('hex'), '3081c8')
  assert.equal(sequence(Buffer.alloc(70_000)).subarray(0, 5).toString('hex'), '3083011170')
  assert.equal(time(Date.UTC(2049, 11, 31, 23, 59, 59)).subarray(2).toString(), '491231235959Z')
  assert.equal(time(Date.UTC(2050, 0, 1)).toString('latin1'), '\x18\x0f20500101000000Z')
  assert.deepEqual(['10.0.0.1', '::', '::1', 'fd00::2:3', '1:2:3:4:5:6:7:8'].map((ip) => ipOctets(ip).toString('hex')), [
    '0a000001', '0'.repeat(32), '0'.repeat(31) + '1', 'fd000000000000000000000000020003', '00010002000300040005000600070008'
  ])
})

test('OpenSSL reads back what was written', () => {
  const root = new X509Certificate(authority.certificate)
  const leaf = new X509Certificate(issue().certificate)
  assert.deepEqual([root.ca, leaf.ca, leaf.checkIssued(root), leaf.verify(root.publicKey)], [true, false, true, true])
  assert.equal(leaf.subjectAltName, 'DNS:keys.lan, DNS:localhost, IP Address:127.0.0.1, IP Address:FD00:0:0:0:0:0:0:7')
  assert.deepEqual(leaf.keyUsage, ['1.3.6.1.5.5.7.3.1'])
  assert.equal(leaf.validToDate.getTime(), now + 300 * DAY_MS)
  assert.match(root.subject, /CN=Oncekey test 0001/)
  assert.notEqual(new X509Certificate(issue().certificate).serialNumber, leaf.serialNumber)
  const late = new X509Certificate(makeAuthority({ name: 'x', permits, beginsAt: now, endsAt: Date.UTC(2051, 0, 1) }).certificate)
  assert.equal(late.validToDate.getTime(), Date.UTC(2051, 0, 1))
})

test('a client that trusts the authority reaches the server by its names, and by no other', async () => {
  assert.equal(await greeted(issue(), 'keys.lan', authority.certificate), 'trusted')
  assert.equal(await greeted(issue(), 'other.lan', authority.certificate), 'ERR_TLS_CERT_ALTNAME_INVALID')
  const stranger = makeAuthority({ name: authority.name, permits, beginsAt: now - DAY_MS, endsAt: now + DAY_MS })
  assert.notEqual(await greeted(issue(), 'keys.lan', stranger.certificate), 'trusted')
})

test('who steals the authority\'s key can not pose as another site', async () => {
  const stolen = issue({ names: { dns: ['www.example.com'], ip: [] } })
  assert.equal(await greeted(stolen, 'www.example.com', authority.certificate), 'permitted subtree violation')
  const address = issue({ names: { dns: ['localhost'], ip: ['203.0.113.9'] } })
  assert.equal(await greeted(address, 'localhost', authority.certificate), 'permitted subtree violation')
})

test('a certificate that has ended, or not begun, is not trusted', async () => {
  assert.equal(await greeted(issue({ endsAt: now - 1000 }), 'keys.lan', authority.certificate), 'CERT_HAS_EXPIRED')
  assert.equal(await greeted(issue({ beginsAt: now + DAY_MS }), 'keys.lan', authority.certificate), 'CERT_NOT_YET_VALID')
})

test('own names are this machine\'s, the public address and those that we listen at', () => {
  const found = ownNames({ host: '192.168.7.7', publicUrl: 'https://Keys.Example.org:8443/oncekey' })
  assert.ok(found.dns.includes('localhost') && found.dns.includes('keys.example.org'))
  assert.ok(['127.0.0.1', '::1', '192.168.7.7'].every((ip) => found.ip.includes(ip)))
  assert.ok(ownNames({ host: '0.0.0.0', publicUrl: 'http://[fd00::9]:8080' }).ip.includes('fd00::9'))
  assert.equal(new Set(found.ip).size, found.ip.length)
})

test('private names may always be signed, public ones only when they were known', () => {
  const asked: Names = { dns: ['nas.local', 'local', 'keys.lan', 'keys.example.org', 'notlocal'], ip: ['10.1.2.3', '172.32.0.1', '203.0.113.9', 'fd12::1', '2001:db8::1'] }
  assert.deepEqual(sortNames(asked, permits), {
    permitted: { dns: ['nas.local', 'local', 'keys.lan'], ip: ['10.1.2.3', 'fd12::1'] },
    refused: ['keys.example.org', 'notlocal', '172.32.0.1', '203.0.113.9', '2001:db8::1']
  })
  assert.deepEqual(sortNames(asked, permitsFor(asked)).refused, [])
})
