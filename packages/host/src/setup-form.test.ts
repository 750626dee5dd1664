import assert from 'node:assert/strict'
import { test } from 'node:test'
import { addressOf, readSetupForm, setupPage } from './index.ts'

test('what a browser sends is read', () => {
  const sent = new URLSearchParams({ ssid: 'Büro & Café', password: 'a+b=c d', server: 'https://keys.lan:8443', fingerprint: 'AB:CD', more: 'x' })
  assert.deepEqual(readSetupForm(String(sent)), { ssid: 'Büro & Café', password: 'a+b=c d', server: 'https://keys.lan:8443', fingerprint: 'AB:CD' })
  assert.deepEqual(readSetupForm('ssid=lan&server=http%3A%2F%2F10.0.0.2'), { ssid: 'lan', password: '', server: 'http://10.0.0.2', fingerprint: '' })
})

test('what is not enough is refused', () => {
  for (const body of ['', 'ssid=&server=http://a', 'ssid=a&server=keys', 'ssid=%E0%A4%A&server=http://a', 'ssid']) assert.equal(readSetupForm(body), null, body)
})

test('each field of the page is one that is read', () => {
  assert.deepEqual([...setupPage.matchAll(/name="(\w+)" /g)].map(([, name]) => name).filter((name) => name !== 'viewport'), ['ssid', 'password', 'server', 'fingerprint'])
})

test('addresses have a host and a port', () => {
  assert.deepEqual(addressOf('https://keys.example.org/x'), { host: 'keys.example.org', port: 443, isSecure: true })
  assert.deepEqual(addressOf('http://[::1]:8080'), { host: '[::1]', port: 8080, isSecure: false })
  assert.deepEqual(addressOf('http://a'), { host: 'a', port: 80, isSecure: false })
  for (const wrong of ['ftp://a', 'a', 'http://', 'http://:80', 'https://a:0', 'https://a:99999', 'https://a:x']) assert.equal(addressOf(wrong), null, wrong)
})
