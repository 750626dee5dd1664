import assert from 'node:assert/strict'
import { test } from 'node:test'
import { deviceOf, placeOf } from './device.ts'

const chrome = 'AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130.0.0.0'

test('browser and system in words', () => {
  const said = (agent: string): string => Object.values(deviceOf(agent)).map(each => each ?? '-').join(' on ')
  assert.equal(said('Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:132.0) Gecko/20100101 Firefox/132.0'), 'Firefox on Windows')
  assert.equal(said(`Mozilla/5.0 (Windows NT 10.0; Win64; x64) ${chrome} Safari/537.36 Edg/130.0.0.0`), 'Edge on Windows')
  assert.equal(said(`Mozilla/5.0 (X11; Linux x86_64) ${chrome} Safari/537.36`), 'Chrome on Linux')
  assert.equal(said(`Mozilla/5.0 (X11; Linux x86_64) ${chrome.replace('Chrome', 'HeadlessChrome')} Safari/537.36`), 'Chrome on Linux')
  assert.equal(said(`Mozilla/5.0 (X11; CrOS x86_64 14541.0.0) ${chrome} Safari/537.36`), 'Chrome on ChromeOS')
  assert.equal(said(`Mozilla/5.0 (Linux; Android 14; SM-S918B) ${chrome.replace('Chrome', 'SamsungBrowser/26.0 Chrome')} Mobile Safari/537.36`), 'Samsung Internet on Android')
  assert.equal(said('Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.5 Mobile/15E148 Safari/604.1'), 'Safari on iPhone')
  assert.equal(said('Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) CriOS/130.0 Mobile/15E148 Safari/604.1'), 'Chrome on iPhone')
  assert.equal(said('Mozilla/5.0 (Macintosh; Intel Mac OS X 14_5) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.5 Safari/605.1.15'), 'Safari on macOS')
  assert.equal(said('curl/8.5.0'), 'curl on -')
  for (const agent of ['', 'Mozilla/5.0', '<b>x</b>', 'x'.repeat(200)]) assert.equal(said(agent), '- on -', agent)
})

test('place by network', () => {
  assert.equal(placeOf('198.51.100.7', '198.51.100.7'), 'same')
  assert.equal(placeOf('::ffff:198.51.100.7', '198.51.100.7'), 'same')
  assert.equal(placeOf('198.51.100.8', '198.51.100.7'), 'elsewhere')
  assert.equal(placeOf('2001:db8:1:2::9', '2001:db8:1:2:aa:bb:cc:dd'), 'same')
  assert.equal(placeOf('2001:db8:1:3::9', '2001:db8:1:2::9'), 'elsewhere')
  for (const address of ['10.1.2.3', '172.16.0.1', '172.31.9.9', '192.168.178.20', '169.254.1.1', 'fd00::1', 'fe80::1%eth0']) assert.equal(placeOf(address, '198.51.100.7'), 'private', address)
  for (const address of ['172.15.0.1', '172.32.0.1', '11.0.0.1', '2001:db8::1']) assert.equal(placeOf(address, ''), 'elsewhere', address)
  for (const address of ['127.0.0.1', '::1', '::ffff:127.0.0.1']) assert.equal(placeOf(address, ''), 'machine', address)
  assert.equal(placeOf('', '198.51.100.7'), 'unknown')
})
