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

test('nobody is a trusted proxy unless named; addresses, networks and the word loopback are', () => {
  assert.deepEqual(readConfig({}, '/nowhere').trustedProxies, [])
  const named = (text: string): readonly string[] => readConfig({ ONCEKEY_HOST: '0.0.0.0', ONCEKEY_PUBLIC_URL: 'https://keys.example.org', ONCEKEY_TRUSTED_PROXIES: text }, '/nowhere').trustedProxies
  assert.deepEqual(named('192.0.2.7, 10.0.0.0/8,loopback'), ['192.0.2.7/32', '10.0.0.0/8', '127.0.0.0/8', '::1/128'])
  assert.deepEqual(named('2001:DB8::/32,fd00::7,::ffff:192.0.2.9'), ['2001:db8::/32', 'fd00::7/128', '192.0.2.9/32'])
  const folder = mkdtempSync(join(tmpdir(), 'oncekey-'))
  try {
    writeFileSync(join(folder, 'oncekey.json'), JSON.stringify({ ONCEKEY_PUBLIC_URL: 'https://keys.example.org', ONCEKEY_TRUSTED_PROXIES: ['loopback', '192.0.2.7'] }))
    assert.equal(readConfig({ ONCEKEY_DATA_DIR: folder }).trustedProxies.length, 3)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
})

const proxyCures = (env: Record<string, string>): string[] => {
  try {
    readConfig({ ONCEKEY_HOST: '0.0.0.0', ONCEKEY_PUBLIC_URL: 'https://keys.example.org', ...env }, '/nowhere')
    return []
  } catch (error) {
    assert.ok(error instanceof ConfigError)
    assert.ok(error.wrong.every((one) => one.name === 'ONCEKEY_TRUSTED_PROXIES'), error.message)
    return error.wrong.map((one) => one.cure)
  }
}

test('a list of proxies that could mean something else stops the start, with a sentence for each entry', () => {
  const why: [string, RegExp][] = [
    ...['0.0.0.0/0', '::/0', '128.0.0.0/7', '2000::/3', '0.0.0.0', '::', '::/16', '::fffe:0:0/95'].map((one): [string, RegExp] => [one, /covers so much that clients are in it/]),
    ...['192.168.1.5/24', '2001:db8::5/64', '10.0.0.1/8'].map((one): [string, RegExp] => [one, /may mean one machine or a whole network: write \S+ for the machine/]),
    ...['nginx', '192.0.2', '192.0.2.7:80', '[::1]', '10.0.0.0/', '10.0.0.0/08', '10.0.0.0/-8', '10.0.0.0/8/8', 'fe80::1%eth0', '*', 'true', '10.0.0.0/255.0.0.0'].map((one): [string, RegExp] => [one, /is neither an address/]),
    ['10.0.0.0/33', /at most 32/], ['2001:db8::/129', /at most 128/], ['::ffff:10.0.0.0/104', /write it as IPv4/], ['::ffff:0:0/96', /write it as IPv4/],
    ['loopback,', /an entry is empty/]
  ]
  for (const [text, cure] of why) {
    const cures = proxyCures({ ONCEKEY_TRUSTED_PROXIES: text })
    assert.equal(cures.length, 1, text)
    assert.match(cures[0] ?? '', cure, text)
  }
  assert.equal(proxyCures({ ONCEKEY_TRUSTED_PROXIES: why.map(([text]) => text).join() }).length, why.length, 'all at once')
})

test('a set-up with a proxy in which nobody can say who a client is stops the start; one that is clear does not', () => {
  const only = (env: Record<string, string>): string => {
    const cures = proxyCures(env)
    assert.equal(cures.length, 1, JSON.stringify(env))
    return cures[0] ?? ''
  }
  assert.match(only({ ONCEKEY_TRUSTED_PROXIES: '192.0.2.7', ONCEKEY_PUBLIC_URL: '' }), /set ONCEKEY_PUBLIC_URL, too/)
  assert.match(only({ ONCEKEY_TRUSTED_PROXIES: '192.0.2.7', ONCEKEY_HOST: '127.0.0.1' }), /ONCEKEY_HOST=127\.0\.0\.1 lets only this machine in/)
  assert.match(only({ ONCEKEY_TLS: 'off' }), /shares one budget/)
  for (const env of [
    { ONCEKEY_TLS: 'off', ONCEKEY_TRUSTED_PROXIES: '192.0.2.7' },
    { ONCEKEY_TLS: 'off', ONCEKEY_PUBLIC_URL: 'http://keys.lan' },
    { ONCEKEY_TLS: 'off', ONCEKEY_PUBLIC_URL: '' },
    { ONCEKEY_PLAIN_HTTP: 'on' },
    { ONCEKEY_TRUSTED_PROXIES: '192.0.2.7' },
    { ONCEKEY_HOST: '127.0.0.1' },
    { ONCEKEY_HOST: 'localhost', ONCEKEY_TRUSTED_PROXIES: '192.0.2.7,loopback' },
    { ONCEKEY_HOST: '127.0.0.1', ONCEKEY_TRUSTED_PROXIES: '127.0.0.5' }
  ]) assert.deepEqual(proxyCures(env), [], JSON.stringify(env))
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

test('a provider of sign-ins: the three that it needs or none, an address with TLS, and a place to come back to', () => {
  const oidc = { ONCEKEY_OIDC_ISSUER: 'https://id.example.org/realms/main', ONCEKEY_OIDC_CLIENT_ID: 'oncekey', ONCEKEY_OIDC_CLIENT_SECRET: 'secret' }
  assert.equal(readConfig({}, '/nowhere').provider, null)
  assert.deepEqual(readConfig(oidc, '/nowhere').provider, { issuer: 'https://id.example.org/realms/main', clientId: 'oncekey', clientSecret: 'secret', name: 'id.example.org', scopes: 'openid email profile', groups: null })
  for (const issuer of ['http://localhost:9000/', 'http://127.0.0.1:9000/x/', 'http://[::1]:9000/']) assert.equal(readConfig({ ...oidc, ONCEKEY_OIDC_ISSUER: issuer }, '/nowhere').provider?.issuer, issuer)
  assert.equal(readConfig({ ...oidc, ONCEKEY_HOST: '0.0.0.0', ONCEKEY_PUBLIC_URL: 'https://keys.example.org', ONCEKEY_OIDC_SCOPES: 'openid,email', ONCEKEY_OIDC_NAME: ' Example ' }, '/nowhere').provider?.scopes, 'openid email')
  const wrongOf = (more: Record<string, string>): string[] => {
    try {
      readConfig({ ...oidc, ...more }, '/nowhere')
      return []
    } catch (error) {
      assert.ok(error instanceof ConfigError)
      assert.ok(!error.message.includes('very-secret'), error.message)
      return error.wrong.map((one) => `${one.name}: ${one.cure}`)
    }
  }
  for (const issuer of ['http://id.example.org', 'http://127.0.0.1.example.org', 'id.example.org', 'ftp://id.example.org', 'javascript:x']) assert.match(wrongOf({ ONCEKEY_OIDC_ISSUER: issuer })[0] ?? '', /^ONCEKEY_OIDC_ISSUER: .*https:\/\//, issuer)
  for (const issuer of ['https://id.example.org/.well-known/openid-configuration', 'https://id.example.org/?x', 'https://user:x@id.example.org/']) assert.match(wrongOf({ ONCEKEY_OIDC_ISSUER: issuer })[0] ?? '', /^ONCEKEY_OIDC_ISSUER: only the address/, issuer)
  assert.match(wrongOf({ ONCEKEY_OIDC_CLIENT_SECRET: '' })[0] ?? '', /^ONCEKEY_OIDC_CLIENT_SECRET: is missing, .*go together/)
  assert.equal(wrongOf({ ONCEKEY_OIDC_ISSUER: '', ONCEKEY_OIDC_CLIENT_ID: '', ONCEKEY_OIDC_CLIENT_SECRET: 'very-secret' }).length, 2)
  assert.match(wrongOf({ ONCEKEY_HOST: '0.0.0.0' })[0] ?? '', /^ONCEKEY_PUBLIC_URL: /)
  assert.match(wrongOf({ ONCEKEY_OIDC_SCOPES: 'email' })[0] ?? '', /^ONCEKEY_OIDC_SCOPES: .*openid/)
  assert.match(wrongOf({ ONCEKEY_OIDC_NAME: 'x'.repeat(41) })[0] ?? '', /^ONCEKEY_OIDC_NAME: /)
  const groups = readConfig({ ...oidc, ONCEKEY_OIDC_ROLES: ' door-admins=admin; cn=desk,dc=gym=operator ;', ONCEKEY_OIDC_GROUPS: 'realm_access.roles' }, '/nowhere').provider?.groups
  assert.deepEqual([groups?.claim, [...groups?.roles ?? []]], ['realm_access.roles', [['door-admins', 'admin'], ['cn=desk,dc=gym', 'operator']]])
  assert.equal(readConfig({ ...oidc, ONCEKEY_OIDC_ROLES: 'desk=operator' }, '/nowhere').provider?.groups?.claim, 'groups')
  assert.match(wrongOf({ ONCEKEY_OIDC_GROUPS: 'groups' })[0] ?? '', /^ONCEKEY_OIDC_ROLES: is missing/)
  for (const roles of ['desk=owner', 'desk', '=admin', 'desk=Admin', 'desk=member']) assert.match(wrongOf({ ONCEKEY_OIDC_ROLES: roles })[0] ?? '', /^ONCEKEY_OIDC_ROLES: pairs .*owners are made by owners/, roles)
  assert.match(wrongOf({ ONCEKEY_OIDC_ROLES: 'desk=operator;desk=admin' })[0] ?? '', /^ONCEKEY_OIDC_ROLES: names "desk" twice/)
  assert.match(wrongOf({ ONCEKEY_OIDC_ROLES: ' ; ' })[0] ?? '', /^ONCEKEY_OIDC_ROLES: at least one/)
})
