import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { after, before, test } from 'node:test'
import { startProcess } from './support/server.ts'

let folder: string
before(() => { folder = mkdtempSync(join(tmpdir(), 'oncekey-')) })
after(() => { rmSync(folder, { recursive: true, force: true }) })

const free = { ONCEKEY_PORT: '0', ONCEKEY_MQTT_PORT: '0' }

/** What a start that failed printed and showed on its page. */
async function failedStart (env: Record<string, string>): Promise<{ printed: string, page: string }> {
  const server = await startProcess(env)
  const url = /shown at (http:\/\/[\d.:]+)/.exec(server.printed())?.[1]
  let page = ''
  if (url !== undefined) page = await (await fetch(url)).text()
  await server.stop()
  return { printed: server.printed(), page }
}

test('a port that is taken is named, with the setting that changes it', async () => {
  const other = createServer()
  await new Promise<void>((resolve) => { other.listen(0, '127.0.0.1', () => { resolve() }) })
  const taken = String((other.address() as AddressInfo).port)
  const http = await failedStart({ ONCEKEY_DATA_DIR: join(folder, 'port'), ONCEKEY_PORT: taken, ONCEKEY_MQTT_PORT: '0' })
  assert.match(http.printed, new RegExp(`Port ${taken} is taken.*ONCEKEY_PORT`))
  const mqtt = await failedStart({ ONCEKEY_DATA_DIR: join(folder, 'port'), ONCEKEY_PORT: '0', ONCEKEY_MQTT_PORT: taken })
  assert.match(mqtt.printed, new RegExp(`Port ${taken} is taken.*ONCEKEY_MQTT_PORT`))
  assert.match(mqtt.page, /ONCEKEY_MQTT_PORT/)
  other.close()
})

test('a data folder that can not be one is named', async () => {
  writeFileSync(join(folder, 'file'), '')
  const { printed, page } = await failedStart({ ONCEKEY_DATA_DIR: join(folder, 'file'), ...free })
  assert.match(printed, /data folder .*file can not be written to.*ONCEKEY_DATA_DIR/s)
  assert.match(page, /ONCEKEY_DATA_DIR/)
  assert.match((await failedStart({ ONCEKEY_DATA_DIR: '/proc/oncekey', ...free })).printed, /data folder .*can not be written to/)
})

test('a database from a newer version is left alone, and the sentence says what to do', async () => {
  const data = join(folder, 'newer')
  await (await startProcess({ ONCEKEY_DATA_DIR: data, ...free })).stop()
  const database = new DatabaseSync(join(data, 'oncekey.db'))
  database.prepare('INSERT INTO migrations (name, at) VALUES (?, ?)').run('9999-from-the-future', 1)
  database.close()
  const { printed, page } = await failedStart({ ONCEKEY_DATA_DIR: data, ...free })
  assert.match(printed, /newer version of Oncekey \(it has 9999-from-the-future\).*Nothing was changed/)
  assert.match(page, /newer version/)
})

test('a file that is no database, and an address that this machine does not have, are named with the cure', async () => {
  const data = join(folder, 'broken')
  mkdirSync(data)
  writeFileSync(join(data, 'oncekey.db'), 'this is a shopping list')
  const broken = await failedStart({ ONCEKEY_DATA_DIR: data, ...free })
  assert.match(broken.printed, /oncekey\.db can not be opened .*ONCEKEY_DATA_DIR/)
  assert.match(broken.page, /can not be opened/)
  // An address for documentation (RFC 5737): nobody has it.
  const elsewhere = await failedStart({ ONCEKEY_DATA_DIR: join(folder, 'elsewhere'), ONCEKEY_HOST: '192.0.2.1', ...free })
  assert.match(elsewhere.printed, /no address 192\.0\.2\.1.*ONCEKEY_HOST/)
})

test('wrong settings are shown at the port that was right', async () => {
  const { page } = await failedStart({ ONCEKEY_DATA_DIR: join(folder, 'half'), ONCEKEY_PORT: '0', ONCEKEY_MQTT_PORT: 'many' })
  assert.match(page, /ONCEKEY_MQTT_PORT/)
})

test('wrong settings are all named at once', async () => {
  const { printed, page } = await failedStart({ ONCEKEY_DATA_DIR: join(folder, 'wrong'), ONCEKEY_PORT: 'eighty', ONCEKEY_SMTP_URL: 'mail.example.org' })
  assert.match(printed, /ONCEKEY_PORT=eighty/)
  assert.match(printed, /ONCEKEY_SMTP_URL/)
  assert.equal(printed.includes('at Object.'), false, 'no stack trace')
  if (page !== '') assert.match(page, /ONCEKEY_PORT/)
})
