import assert from 'node:assert/strict'
import { test } from 'node:test'
import { targetsIn } from './targets.ts'

const open = targetsIn([])
const named = targetsIn(['10.1.0.0/16', '127.0.0.0/8', '::1/128', '169.254.0.0/16', 'fd12:3456::/32'])

/** Addresses where no message may go, by what they are. */
const inside = {
  'this machine': ['127.0.0.1', '127.255.255.254', '::1'],
  'any address': ['0.0.0.0', '0.1.2.3', '::'],
  'private networks': ['10.0.0.1', '172.16.0.1', '172.31.255.255', '192.168.0.1', 'fc00::1', 'fd12:3456::1', 'fdff::1', 'fec0::1'],
  'a provider\'s inside': ['100.64.0.1', '100.127.255.255'],
  'link-local, where clouds give secrets away': ['169.254.169.254', '169.254.0.1', 'fe80::1', 'febf::1', 'fd00:ec2::254', '100.100.100.200', '192.0.0.192', '168.63.129.16'],
  'multicast, broadcast, reserved': ['224.0.0.1', '239.1.2.3', '240.0.0.1', '255.255.255.255', 'ff02::1'],
  'documentation and benchmarks': ['192.0.2.1', '198.51.100.1', '203.0.113.1', '198.18.0.1', '198.19.255.255', '2001:db8::1', '3fff::1', '2001:2::1'],
  'IPv4 in the clothes of IPv6': ['::ffff:127.0.0.1', '::ffff:7f00:1', '::ffff:10.0.0.1', '::ffff:8.8.8.8', '::127.0.0.1', '64:ff9b::7f00:1', '64:ff9b::8.8.8.8', '64:ff9b:1::1', '2002:7f00:1::1', '2002:808:808::1', '2001:0:53aa:64c::1'],
  'no address': ['', 'localhost', '127.1', '2130706433', '0x7f000001', '1.2.3', '1.2.3.4.5', 'fe80::1%eth0', '[::1]']
}

test('nothing that only we can reach is a target, in any form', () => {
  for (const [what, addresses] of Object.entries(inside)) for (const address of addresses) assert.equal(open.admits(address, 'https:'), false, `${what}: ${address}`)
  for (const address of ['8.8.8.8', '1.1.1.1', '172.15.255.255', '172.32.0.1', '100.63.255.255', '100.128.0.1', '2606:4700::1111', '2a00:1450:4001::1']) {
    assert.equal(open.admits(address, 'https:'), true, address)
    assert.equal(open.admits(address, 'http:'), false, `${address} without TLS`)
  }
})

test('networks that the operator named are targets, also without TLS; link-local and metadata never are', () => {
  for (const address of ['10.1.2.3', '127.0.0.1', '::1', 'fd12:3456::1']) for (const protocol of ['http:', 'https:']) assert.equal(named.admits(address, protocol), true, address)
  for (const address of ['10.2.0.1', '192.168.0.1', 'fd12:3457::1', '169.254.169.254', '0.0.0.0', '::ffff:127.0.0.1', '::ffff:10.1.2.3']) assert.equal(named.admits(address, 'https:'), false, address)
  assert.deepEqual([named.admits('8.8.8.8', 'https:'), named.admits('8.8.8.8', 'http:')], [true, false])
})

test('URLs: https without a password, at port 80, 443 or from 1024 on; odd spellings of an address are that address', () => {
  for (const url of ['https://shop.example.org/hooks?x=1', 'https://shop.example.org:8443', 'https://8.8.8.8/', 'https://[2606:4700::1111]:443/']) assert.equal(open.refusalOf(url), null, url)
  const refused: Record<string, string[]> = {
    noUrl: ['', 'shop.example.org', 'https://', '//shop.example.org', 'https://:443'],
    schemeRefused: ['http://shop.example.org', 'ftp://shop.example.org', 'file:///etc/passwd', 'gopher://127.0.0.1:25/_x', 'javascript:alert(1)', 'unix:/var/run/docker.sock'].filter((url) => URL.parse(url)?.hostname !== ''),
    credentialsRefused: ['https://user@shop.example.org', 'https://user:word@shop.example.org', 'https://8.8.8.8@127.0.0.1/'],
    portRefused: ['https://shop.example.org:22', 'https://shop.example.org:25', 'https://shop.example.org:1023', 'https://shop.example.org:0'],
    addressRefused: [
      'https://127.0.0.1', 'https://2130706433', 'https://017700000001', 'https://0177.0.0.1', 'https://0x7f.1', 'https://0x7f000001', 'https://127.1', 'https://127.0.1', 'https://1２7.0.0.1', 'https://127。0。0。1', 'https://①②⑦.0.0.1',
      'https://[::1]', 'https://[0:0:0:0:0:0:0:1]', 'https://[::ffff:127.0.0.1]', 'https://[::ffff:7f00:1]', 'https://[64:ff9b::127.0.0.1]', 'https://[2002:7f00:1::]', 'https://0', 'https://0.0.0.0', 'https://[::]',
      'https://10.0.0.1', 'https://0xa9fea9fe/latest/meta-data', 'https://169.254.169.254/', 'https://2852039166/'
    ]
  }
  for (const [word, urls] of Object.entries(refused)) for (const url of urls) assert.equal(open.refusalOf(url), word, url)
  assert.deepEqual(['http://10.1.2.3:8080', 'http://hooks.lan', 'http://[::1]:9000'].map((url) => named.refusalOf(url)), [null, null, null])
  assert.deepEqual(['http://8.8.8.8', 'http://10.2.0.1', 'http://127.0.0.1:25'].map((url) => named.refusalOf(url)), ['addressRefused', 'addressRefused', 'portRefused'])
})
