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
