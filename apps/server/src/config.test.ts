import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { ConfigError, readConfig } from './config.ts'
import { failureHtml } from './cli/failure-page.ts'

test('nothing has to be set', () => {
  const config = readConfig({}, '/nowhere')
  assert.deepEqual([config.host, config.port, config.mqttPort, config.dataDir, config.smtpUrl], ['127.0.0.1', 8080, 1883, '/nowhere/data', null])
})

test('the address of the database is never shown, and may be in a file', () => {
  assert.equal(readConfig({ ONCEKEY_DATABASE_URL: 'postgres://oncekey:secret@db.lan/oncekey' }, '/nowhere').databaseUrl, 'postgres://oncekey:secret@db.lan/oncekey')
  const folder = mkdtempSync(join(tmpdir(), 'oncekey-'))
  try {
    writeFileSync(join(folder, 'url'), 'postgresql://db.lan/oncekey\n')
    assert.equal(readConfig({ ONCEKEY_DATABASE_URL_FILE: join(folder, 'url') }, '/nowhere').databaseUrl, 'postgresql://db.lan/oncekey')
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
  assert.throws(() => readConfig({ ONCEKEY_DATABASE_URL: 'mysql://oncekey:secret@db.lan/oncekey' }, '/nowhere'), (error) =>
    error instanceof ConfigError && !error.message.includes('secret') && !failureHtml(error).includes('secret') && /ONCEKEY_DATABASE_URL=\(hidden\): a URL that begins with postgres:/.test(error.message))
})

test('TLS is off for this machine alone, and on by default for everybody else, who then finds little without it', () => {
  const how = (env: Record<string, string>): unknown[] => {
    const { tls, plainHttp, plainMqtt, httpsPort, mqttsPort } = readConfig(env, '/nowhere')
    return [tls, plainHttp, plainMqtt, httpsPort, mqttsPort]
  }
  assert.deepEqual(how({}), ['off', true, true, 8443, 8883])
  for (const host of ['localhost', '::1', '127.0.0.2']) assert.deepEqual(how({ ONCEKEY_HOST: host }), ['off', true, true, 8443, 8883])
  for (const host of ['0.0.0.0', '::', '192.168.1.5', 'keys.lan', '1270.0.0.1']) assert.deepEqual(how({ ONCEKEY_HOST: host }), ['own', false, false, 8443, 8883])
  assert.deepEqual(how({ ONCEKEY_HOST: '0.0.0.0', ONCEKEY_TLS: 'off' }), ['off', true, true, 8443, 8883])
  assert.deepEqual(how({ ONCEKEY_HOST: '0.0.0.0', ONCEKEY_PLAIN_HTTP: 'on' }), ['own', true, false, 8443, 8883])
  assert.deepEqual(how({ ONCEKEY_TLS: 'own', ONCEKEY_PLAIN_MQTT: 'off' }), ['own', true, false, 8443, 8883])
  const files = { ONCEKEY_TLS_CERT: 'tls/cert.pem', ONCEKEY_TLS_KEY: '/etc/key.pem' }
  assert.equal(how(files)[0], 'files')
  assert.deepEqual(readConfig(files, '/nowhere').tlsFiles, { certificate: '/nowhere/tls/cert.pem', key: '/etc/key.pem' })
})

test('settings of TLS that contradict each other are named', () => {
  const named = (env: Record<string, string>): string[] => {
    try {
      readConfig(env, '/nowhere')
      return []
    } catch (error) {
      assert.ok(error instanceof ConfigError)
      return error.wrong.map((one) => one.name)
    }
  }
  assert.deepEqual(named({ ONCEKEY_TLS: 'yes' }), ['ONCEKEY_TLS'])
  assert.deepEqual(named({ ONCEKEY_TLS: 'files' }), ['ONCEKEY_TLS_CERT', 'ONCEKEY_TLS_KEY'])
  assert.deepEqual(named({ ONCEKEY_TLS_CERT: 'cert.pem' }), ['ONCEKEY_TLS_KEY'])
  assert.deepEqual(named({ ONCEKEY_TLS: 'own', ONCEKEY_TLS_KEY: 'key.pem' }), ['ONCEKEY_TLS'])
  assert.deepEqual(named({ ONCEKEY_PLAIN_HTTP: 'off', ONCEKEY_PLAIN_MQTT: 'off' }), ['ONCEKEY_PLAIN_HTTP', 'ONCEKEY_PLAIN_MQTT'])
  assert.deepEqual(named({ ONCEKEY_TLS: 'own', ONCEKEY_HTTPS_PORT: '8080', ONCEKEY_MQTTS_PORT: '1883' }), ['ONCEKEY_HTTPS_PORT', 'ONCEKEY_MQTTS_PORT'])
  assert.deepEqual(named({ ONCEKEY_PORT: '0', ONCEKEY_MQTT_PORT: '0' }), [])
  assert.deepEqual(named({ ONCEKEY_PORT: '8443', ONCEKEY_MQTT_PORT: '8883' }), [], 'no TLS, no clash')
})

test('environment wins over the file in the data folder, and a secret may lie in a file of its own', () => {
  const folder = mkdtempSync(join(tmpdir(), 'oncekey-'))
  writeFileSync(join(folder, 'oncekey.json'), JSON.stringify({ ONCEKEY_PORT: 9000, ONCEKEY_MQTT_PORT: 9001 }))
  writeFileSync(join(folder, 'smtp'), 'smtp://me:secret@127.0.0.1:25\n')
  const config = readConfig({ ONCEKEY_DATA_DIR: folder, ONCEKEY_PORT: '9100', ONCEKEY_SMTP_URL_FILE: join(folder, 'smtp') })
  assert.deepEqual([config.port, config.mqttPort, config.smtpUrl], [9100, 9001, 'smtp://me:secret@127.0.0.1:25'])
  rmSync(folder, { recursive: true })
})

test('every wrong setting is named at once with its cure, and secrets are not shown', () => {
  const wrong = { ONCEKEY_PORT: 'http', ONCEKEY_MQTT_PORT: '70000', ONCEKEY_PUBLIC_URL: 'keys.example.org', ONCEKEY_SMTP_URL: 'mail:hunter2', ONCEKEY_PROT: '1' }
  assert.throws(() => readConfig(wrong), (error) => {
    assert.ok(error instanceof ConfigError)
    assert.deepEqual(error.wrong.map((one) => one.name).sort(), Object.keys(wrong).sort())
    assert.doesNotMatch(error.message, /hunter2/)
    const page = failureHtml(error)
    for (const name of Object.keys(wrong)) assert.match(page, new RegExp(name))
    assert.doesNotMatch(page, /hunter2/)
    return true
  })
})

test('a settings file that is no JSON is named with its path', () => {
  const folder = mkdtempSync(join(tmpdir(), 'oncekey-'))
  writeFileSync(join(folder, 'oncekey.json'), '{"ONCEKEY_PORT":')
  assert.throws(() => readConfig({ ONCEKEY_DATA_DIR: folder }), /oncekey\.json/)
  rmSync(folder, { recursive: true })
})

test('the failure page shows markup in a message as text', () => {
  assert.match(failureHtml(new Error('<script>alert(1)</script>')), /&#60;script&#62;/)
})
