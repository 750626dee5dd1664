import assert from 'node:assert/strict'
import { globSync, lstatSync, readFileSync, rmSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { createClient } from '@oncekey/client'
import { fetchWithCookies } from '@oncekey/client/cookies'
import { buildImage, type Image } from './build.ts'
import { oncekeyIn } from './compose.ts'
import { newVolume, runContainer, runOnce, type Container } from './container.ts'

const PUBLIC = 'https://localhost:8443'
const owner = { name: 'Ada', email: 'ada@example.org', password: 'seven quiet lanterns' }
const small = oncekeyIn('compose.small.yaml')
const volumes: string[] = []
let image: Image
let container: Container

before(async () => {
  image = buildImage()
  console.log(`image: base ${image.seconds.base.toFixed(1)} s, build ${image.seconds.build.toFixed(1)} s`)
  container = await runContainer({ image, service: small, volume: volume() })
}, { timeout: 900_000 })

after(async () => {
  await container?.stop()
  image?.remove()
  for (const path of volumes) rmSync(path, { recursive: true, force: true })
})

function volume (): string {
  const path = newVolume(image, small)
  volumes.push(path)
  return path
}

/** What /proc says of its first process. */
function statusOf (name: string): string {
  return new RegExp(`^${name}:[ \\t]*(.*)$`, 'm').exec(readFileSync(`/proc/${container.pid}/status`, 'utf8'))?.[1] ?? ''
}

/** Files of the image that its base does not have, and their bytes; links are not followed. */
function added (): { path: string, bytes: number, uid: number, mode: number }[] {
  return globSync('{app,data,usr/local,home,root,opt,tmp}/**', { cwd: image.files, withFileTypes: true }).flatMap((entry) => {
    const path = join(entry.parentPath, entry.name)
    const { size, uid, mode } = lstatSync(path)
    return entry.isDirectory() ? [] : [{ path: path.slice(image.files.length), bytes: size, uid, mode }]
  }).filter(({ path }) => !path.startsWith('/usr/local/bin/node') && !lstatSync(image.baseFiles + path, { throwIfNoEntry: false }))
}

test('the image says who it runs as, what keeps it, where it listens, and how it is asked whether it is well', () => {
  const { User, Entrypoint, Cmd, ExposedPorts, Volumes, Healthcheck, StopSignal, Labels } = image.config
  assert.deepEqual({ User, Entrypoint, Cmd, StopSignal }, { User: '1000:1000', Entrypoint: ['oncekey'], Cmd: ['start'], StopSignal: 'SIGTERM' })
  assert.deepEqual(Object.keys(ExposedPorts).sort(), ['8080/tcp', '8443/tcp', '8883/tcp'])
  assert.deepEqual([Object.keys(Volumes), Healthcheck.Test, Labels['org.opencontainers.image.title']], [['/data'], ['CMD', 'oncekey', 'health'], 'Oncekey'])
  assert.deepEqual(small.ports.map((one) => one.split(':').at(-1)).sort(), ['8080', '8443', '8883'])
})

test('there is nothing in it but what runs', () => {
  const files = added()
  const bytes = files.reduce((sum, one) => sum + one.bytes, 0)
  console.log(`image: ${files.length} files, ${(bytes / 1e6).toFixed(1)} MB on top of its base`)
  const [packages, own] = [true, false].map((isPackage) => files.map(({ path }) => path).filter((path) => path.startsWith('/app/node_modules/') === isPackage)) as [string[], string[]]
  const wanted = /^\/app\/(?:LICENSE|apps\/server\/(?:package\.json|tsconfig\.json|bin\/|src\/|migrations\/|\.compile-cache\/)|apps\/web\/dist\/|packages\/(?:otp|protocol)\/(?:package\.json|tsconfig\.json|README\.md|src\/))|^\/usr\/local\/bin\/oncekey$/
  assert.deepEqual(own.filter((path) => !wanted.test(path) || /\.test\.ts$|\/testing\/|\.svelte$/.test(path)), [])
  assert.ok(['/app/apps/web/dist/index.html', '/app/apps/server/src/main.ts'].every((path) => own.includes(path)))
  assert.deepEqual(packages.filter((path) => /^\/app\/node_modules\/(?:dclint|esptool-js|knip|node|oxlint|oidc-provider|rolldown|svelte|typescript|vite)\//.test(path)), [])
  assert.ok(bytes < 50e6, String(bytes))
  assert.deepEqual(globSync('usr/local/lib/node_modules/*', { cwd: image.files }), [])
})

test('nothing of how this machine gets its packages is in it, nor in what the build printed', () => {
  assert.deepEqual(added().filter(({ path }) => /npmrc|_cacache|_logs/.test(path)), [])
  const found = added().filter(({ path, bytes }) => bytes > 0 && lstatSync(image.files + path).isFile() && isLent(readFileSync(image.files + path, 'latin1')))
  assert.deepEqual([found.map(({ path }) => path), isLent(JSON.stringify(image.config)), isLent(image.log)], [[], false, false])
  assert.ok(image.lent.length === 0 || isLent(`x${image.lent[0]}`))
})

function isLent (text: string): boolean {
  return image.lent.some((value) => text.includes(value))
}

test('what it is made of belongs to root, so that whoever gets into the program can not change it, whatever mount it is on', () => {
  const open = added().filter(({ path, uid, mode }) => !path.startsWith('/data') && (uid !== 0 || ((mode & 0o022) !== 0 && (mode & 0o170_000) !== 0o120_000)))
  assert.deepEqual(open, [])
})

test('it runs as user 1000 without a capability, and can get none', () => {
  assert.deepEqual(['Uid', 'Gid', 'Groups', 'CapPrm', 'CapEff', 'CapBnd', 'CapInh', 'CapAmb', 'NoNewPrivs'].map(statusOf), ['1000\t1000\t1000\t1000', '1000\t1000\t1000\t1000', '', '0000000000000000', '0000000000000000', '0000000000000000', '0000000000000000', '0000000000000000', '1'])
  assert.match(container.exec(['cat', '/proc/1/cmdline']).stdout, /node.*oncekey.*start/s)
})

test('its root file system can not be written; its volume and what is in memory can', () => {
  const mounts = readFileSync(`/proc/${container.pid}/mountinfo`, 'utf8').split('\n').map((line) => line.split(' ')).map(([,,,, place, options]) => ({ place, options }))
  assert.match(mounts.find(({ place }) => place === '/')?.options ?? '', /^ro/)
  for (const path of ['/app/x', '/app/apps/server/.compile-cache/x', '/etc/x', '/home/node/x', '/x']) {
    const { status, stderr } = container.exec(['touch', path])
    assert.ok(status !== 0 && /Read-only file system/.test(stderr), `${path}: ${stderr}`)
  }
  for (const path of ['/data/x', '/tmp/x']) assert.equal(container.exec(['sh', '-c', `touch ${path} && rm ${path}`]).status, 0, path)
  assert.match(container.exec(['sh', '-c', 'cp /usr/bin/true /tmp/x; /tmp/x']).stderr, /Permission denied/)
})

test('what was compiled when it was built is taken', () => {
  const { stderr, stdout } = container.exec(['oncekey', 'help'], { NODE_DEBUG_NATIVE: 'COMPILE_CACHE' })
  const said = stderr + stdout
  const accepted = said.match(/was accepted/g)?.length ?? 0
  assert.ok(accepted > 100, `${accepted} accepted: ${said.slice(0, 2_000)}`)
})

test('from the link in its log to an owner who signs in: by HTTPS, with an authority that the port without TLS tells of', async () => {
  const link = /https:\S+\/start\?token=\S+/.exec(container.printed())?.[0] ?? ''
  assert.ok(link.startsWith(PUBLIC), container.printed())
  const outside = container.fetchWith(null)
  const pem = await (await outside('http://127.0.0.1:8080/ca.pem')).text()
  for (const [path, leadsTo] of [['/', '/trust'], ['/access', `${PUBLIC}/access`]] as const) {
    const { status, headers } = await outside(`http://127.0.0.1:8080${path}`, { headers: { accept: 'text/html' } })
    assert.deepEqual([status, headers.get('location')], [302, leadsTo])
  }
  await assert.rejects(outside(`${PUBLIC}/health`), /certificate/)
  const trusted = container.fetchWith(pem)
  assert.match(await (await trusted(`${PUBLIC}/`, { headers: { accept: 'text/html' } })).text(), /<!doctype html>/i)
  const client = createClient({ base: PUBLIC, fetch: fetchWithCookies(trusted) })
  const me = await client.setup.start({ token: new URL(link).searchParams.get('token') ?? '', ...owner, siteName: 'Gym', timeZone: 'Europe/Lisbon', demonstration: true })
  assert.equal(me.name, owner.name)
})

test('the health check of the image finds it well, and not when it asks where nobody is', () => {
  const [, ...words] = image.config.Healthcheck.Test
  const well = container.exec(words)
  assert.deepEqual([well.status, /^ok +database:/m.test(well.stdout)], [0, true], well.stdout + well.stderr)
  const away = container.exec(words, { ONCEKEY_PORT: '8079' })
  assert.deepEqual([away.status, away.stderr], [1, 'No Oncekey answers at http://127.0.0.1:8079.\n'])
})

/** The owner signs in, and the record is whole. */
async function isSame (): Promise<void> {
  assert.match(container.printed(), /Oncekey runs at https:\/\/localhost:8443/)
  const pem = await (await container.fetchWith(null)('http://127.0.0.1:8080/ca.pem')).text()
  const client = createClient({ base: PUBLIC, fetch: fetchWithCookies(container.fetchWith(pem)) })
  assert.equal((await client.session.start({ login: owner.email, password: owner.password })).state, 'signedIn')
  const { status, stdout, stderr } = container.exec(['oncekey', 'audit', 'verify'])
  assert.equal(status, 0, stdout + stderr)
}

test('a stop signal ends it in order; a new container on the same volume goes on with what there is', async () => {
  const asked = performance.now()
  assert.equal(await container.stop(), 0)
  assert.ok(performance.now() - asked < 10_000)
  container = await runContainer({ image, service: small, volume: volumes[0] ?? '' })
  await isSame()
})

test('a copy of the volume, made and restored as the page says, is the same server', async () => {
  const page = readFileSync(join(import.meta.dirname, '../README.md'), 'utf8')
  const [copy = [], restore = []] = [...page.matchAll(/--entrypoint (\w+) oncekey (.*) [<>] oncekey\.tar$/gm)].map(([, program = '', words = '']) => [program, ...words.split(' ')])
  assert.equal(await container.stop(), 0)
  const saved = runOnce({ image, service: small, volume: volumes[0] ?? '' }, copy)
  assert.deepEqual([saved.status, saved.stderr], [0, ''])
  const place = { image, service: small, volume: volume() }
  const restored = runOnce(place, restore, saved.stdout)
  assert.deepEqual([restored.status, restored.stderr], [0, ''])
  assert.deepEqual([statSync(place.volume).uid, statSync(place.volume).mode & 0o777], [1000, 0o700])
  container = await runContainer(place)
  await isSame()
})
