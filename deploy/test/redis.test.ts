/** The Redis of the compose file and the server beside it, as processes: with the very words, and with secrets as the page makes them. */
import assert from 'node:assert/strict'
import { execFileSync, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { test } from 'node:test'
import { mailServer } from '../../e2e/support/mail.ts'
import { owner, person, startProcess } from '../../e2e/support/server.ts'
import { freePort } from '../../scripts/free-port.mjs'
import { redisProgram } from '../../scripts/redis.mjs'
import { oncekeyIn, redisIn } from './compose.ts'

const redis = redisIn('compose.redis.yaml')

test('the Redis has no port, no capability, a root file system that can not be written, and a network with nobody but the server', () => {
  assert.deepEqual([redis.ports, redis.isInternal, redis.user, redis.read_only, redis.cap_drop, redis.security_opt], [undefined, true, '999:999', true, ['ALL'], ['no-new-privileges:true']])
  assert.ok(!JSON.stringify(redis).includes('requirepass'))
})

test('both run: the password of the page is asked for, the doctor is content, a code waits in Redis and works once, and is there after a restart', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'oncekey-deploy-'))
  t.after(() => { rmSync(folder, { recursive: true, force: true }) })
  const page = readFileSync(join(import.meta.dirname, '../README.md'), 'utf8')
  const [, lines = ''] = /```sh\n(install --directory --mode=0700 deploy\/secrets\n.*?)```/s.exec(page) ?? []
  execFileSync('sh', ['-ec', lines], { cwd: mkdirIn(folder, 'project', 'deploy') })
  const secrets = join(folder, 'project/deploy/secrets')
  assert.equal(statSync(secrets).mode & 0o777, 0o700)
  const port = await freePort()
  const place = (word: string): string => word.replace('/run/secrets/', `${secrets}/`).replace(/^\/data$/, mkdirIn(folder, 'redis'))
  const startRedis = async (): Promise<() => Promise<void>> => {
    const [, ...words] = redis.command
    const child = spawn(redisProgram(), [...words.map(place), '--port', String(port), '--bind', '127.0.0.1'], { stdio: 'ignore' })
    for (let tries = 0; isWell() !== 0; tries++) {
      assert.ok(tries < 200 && child.exitCode === null, 'Redis starts')
      await wait(50)
    }
    return async () => {
      child.kill('SIGTERM')
      await once(child, 'exit')
    }
  }
  const isWell = (): number | null => spawnSync('sh', ['-c', (redis.healthcheck.test[1] ?? '').replace('redis-cli', `redis-cli -p ${port}`)]).status
  let stopRedis = await startRedis()
  t.after(() => stopRedis())

  // What is 'redis' in the compose file's network is here this machine.
  const urlFile = join(folder, 'url')
  writeFileSync(urlFile, readFileSync(join(secrets, 'redis_url'), 'utf8').replace('@redis:6379', `@127.0.0.1:${port}`))
  assert.equal(oncekeyIn('compose.redis.yaml').environment['ONCEKEY_REDIS_URL_FILE'], '/run/secrets/redis_url')
  const mail = await mailServer()
  t.after(mail.close)
  const env = { ONCEKEY_DATA_DIR: mkdirIn(folder, 'data'), ONCEKEY_PORT: String(await freePort()), ONCEKEY_MQTT_PORT: '0', ONCEKEY_SMTP_URL: mail.url, ONCEKEY_REDIS_URL_FILE: urlFile }
  const server = await startProcess(env)
  t.after(server.stop)
  const link = new URL(/http\S+\/start\?token=\S+/.exec(server.printed())?.[0] ?? '')
  const rosa = person(link.origin)
  await rosa.setup.start({ token: link.searchParams.get('token') ?? '', ...owner, siteName: 'Gym', timeZone: 'Europe/Lisbon', demonstration: true })
  const { secret } = await rosa.apiKeys.make({ name: 'Shop' })
  const ask = async (path: string, body: object): Promise<{ id?: string, status?: string }> => (await fetch(`${link.origin}/api/v1/${path}`, { method: 'POST', headers: { authorization: `Bearer ${secret}`, 'content-type': 'application/json' }, body: JSON.stringify(body) })).json()
  const { id = '' } = await ask('verifications', { to: 'ana@example.org' })
  await mail.until(1)
  const [, code = ''] = /#(\d{6})/.exec(mail.mails[0]?.text ?? '') ?? []
  const password = /:([0-9a-f]{64})@/.exec(readFileSync(urlFile, 'utf8'))?.[1] ?? ''
  const keys = (): string => execFileSync('redis-cli', ['-p', String(port), 'KEYS', '*'], { encoding: 'utf8', env: { PATH: process.env['PATH'] ?? '', REDISCLI_AUTH: password } })
  assert.match(keys(), new RegExp(`verification/${id}`))

  const doctor = spawnSync(process.execPath, [join(import.meta.dirname, '../../apps/server/bin/oncekey.mjs'), 'doctor'], { encoding: 'utf8', env: { PATH: process.env['PATH'] ?? '', ...env } })
  assert.match(doctor.stdout, /ok +Redis .*\[redis\.ok\]/)
  assert.ok(!(doctor.stdout + server.printed()).includes(password))

  await stopRedis()
  assert.notEqual(isWell(), 0)
  stopRedis = await startRedis()
  assert.match(keys(), new RegExp(`verification/${id}`))
  let said = await ask(`verifications/${id}/check`, { code })
  for (let tries = 0; said.status !== 'approved' && tries < 40; tries++) {
    await wait(250)
    said = await ask(`verifications/${id}/check`, { code })
  }
  assert.equal(said.status, 'approved')
  assert.equal((await ask(`verifications/${id}/check`, { code })).status, 'refused')
})

function mkdirIn (folder: string, name: string, inside = ''): string {
  mkdirSync(join(folder, name, inside), { recursive: true })
  return join(folder, name)
}
