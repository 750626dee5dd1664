import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { openWorld, type World } from '../testing/world.ts'
import { user } from './user.ts'

let world: World
before(async () => { world = await openWorld() })
after(async () => { await world.close() })

type Place = { dataDir: string, databaseUrl?: string | null }
/** As somebody at the server's machine types it: another process, beside the one that serves. */
function oncekey (...words: string[]): { status: number | null, stdout: string, stderr: string } {
  return at(world.house.config, ...words)
}
function at ({ dataDir, databaseUrl }: Place, ...words: string[]): { status: number | null, stdout: string, stderr: string } {
  const program = join(import.meta.dirname, '../../bin/oncekey.mjs')
  return spawnSync(process.execPath, [program, 'user', ...words], { env: { PATH: process.env['PATH'] ?? '', ONCEKEY_DATA_DIR: dataDir, ONCEKEY_DATABASE_URL: databaseUrl ?? '', ONCEKEY_PUBLIC_URL: 'https://gym.example' }, encoding: 'utf8', timeout: 60_000 })
}
/** A second later: so late at most the server hears on SQLite what another program wrote. */
const mayIn = async (who: 'olga' | 'adam' | 'maya'): Promise<boolean> => {
  world.house.wait(1_000)
  return (await world.call(world.people[who], 'GET', 'me/sessions')).status === 200
}
const newest = async (): Promise<{ event: string | undefined, by: string | undefined, whom: string | undefined }> => {
  const [row] = (await world.call(world.people.olga, 'GET', 'audit?limit=1')).body.rows
  return { event: row?.event, by: row?.actor?.name, whom: row?.subject?.name }
}

test('everybody, as people and as programs read it', () => {
  const list = oncekey('list')
  assert.equal(list.status, 0, list.stderr)
  assert.deepEqual(list.stdout.trim().split('\n').map((line) => line.split(/ {2,}/)[2]), ['adam@gym.example', 'maya@gym.example', 'olga@gym.example', 'otto@gym.example'])
  const owners = JSON.parse(oncekey('list', '--role', 'owner', '--json').stdout)
  assert.deepEqual(owners.map((one: { email: string, role: string }) => [one.email, one.role]), [['olga@gym.example', 'owner']])
})

test('somebody is invited: the link alone on standard output opens the account', async () => {
  const made = oncekey('invite', 'ana@gym.example', '--name', ' Ana Lima ', '--role', 'operator')
  assert.equal(made.status, 0, made.stderr)
  const token = /^https:\/\/gym\.example\/invitation\/([\w-]+)\n$/.exec(made.stdout)?.[1]
  const { status } = await world.call(null, 'POST', 'invitations/accept', { token, password: 'a lantern by the harbour' })
  assert.deepEqual([status, oncekey('list', '--role', 'operator').stdout.includes('Ana Lima')], [200, true])
  const again = oncekey('invite', 'ANA@gym.example', '--name', 'Ana')
  assert.deepEqual([again.status, again.stdout], [1, ''])
  assert.match(again.stderr, /has this e-mail address already/)
})

test('the last owner, who is locked out, comes in again; their sessions end beside the running server', async () => {
  assert.equal(await mayIn('olga'), true)
  const reset = oncekey('reset', 'olga@gym.example')
  assert.equal(reset.status, 0, reset.stderr)
  assert.equal(await mayIn('olga'), false)
  const token = /invitation\/([\w-]+)/.exec(reset.stdout)?.[1]
  assert.equal((await world.call(null, 'POST', 'invitations/accept', { token, password: 'seven herons on one pier' })).status, 200)
  await world.signIn(world.people.olga)
  const { rows } = (await world.call(world.people.olga, 'GET', 'audit?event=person.changed&limit=5')).body
  assert.ok(rows.some((row) => row.actor?.name === 'oncekey user' && row.actor.id === null && row.subject?.name === 'Olga'), JSON.stringify(rows[0]))
})

test('roles: everything an administrator can do; another owner only by whoever says that they mean it', async () => {
  const careless = oncekey('role', 'adam@gym.example', 'owner')
  assert.deepEqual([careless.status, careless.stdout], [2, ''])
  assert.match(careless.stderr, /--yes/)
  assert.equal(await mayIn('adam'), true)
  assert.equal(oncekey('role', 'adam@gym.example', 'operator').status, 0)
  assert.equal(await mayIn('adam'), false, 'a session of another role ends')
  assert.deepEqual(await newest(), { event: 'person.changed', by: 'oncekey user', whom: 'Adam' })
  assert.equal(oncekey('role', 'adam@gym.example', 'owner', '--yes').status, 0)
  // Adam has no password yet: without Olga nobody could come in.
  const last = oncekey('role', 'olga@gym.example', 'member')
  assert.equal(last.status, 1)
  assert.match(last.stderr, /owner/)
})

test('suspended: out at once, codes included; resumed, signed out, factors forgotten', async () => {
  const code = await world.code()
  const suspended = oncekey('suspend', 'maya@gym.example')
  assert.match(suspended.stderr, /codes 1/)
  assert.equal(await mayIn('maya'), false)
  assert.equal((await world.house.rows(`SELECT state FROM codes WHERE id = '${code.id}'`))[0]?.['state'], 'revoked')
  assert.equal(oncekey('resume', 'maya@gym.example').status, 0)
  await world.signIn(world.people.maya)
  assert.equal(await mayIn('maya'), true)
  assert.match(oncekey('sign-out', 'maya@gym.example').stderr, /signed out everywhere/)
  assert.equal(await mayIn('maya'), false)
  assert.match(oncekey('forget-factors', 'maya@gym.example').stderr, /had no second factor/)
  assert.equal((await world.call(world.people.olga, 'GET', 'audit/chain')).body.intact, true)
})

test('words that make no sense: said with what would, before anything is opened', async (t) => {
  const said: string[] = []
  t.mock.method(console, 'error', (text: string) => { said.push(text) })
  for (const [words, needs] of [[[], /Usage/], [['lst'], /Usage/], [['reset'], /takes EMAIL/], [['reset', 'a@b.example', 'c'], /takes EMAIL/], [['list', '--rol', 'x'], /Unknown option/]] as const) {
    assert.equal(await user([...words]), 2, words.join(' '))
    assert.match(said.at(-1) ?? '', needs)
  }
})

test('what can not be done is said with the cure, and nothing is done', async () => {
  const before = await newest()
  for (const [words, needs, status] of [
    [['role', 'maya@gym.example', 'king'], /member, operator, admin, owner/, 2], [['invite', 'ana', '--name', 'Ana'], /no e-mail address/, 2], [['invite', 'bo@gym.example'], /--name/, 2], [['invite', 'bo@gym.example', '--name', 'Bo \u202egro'], /--name/, 2],
    [['invite', 'bo@gym.example', '--name', 'Bo', '--role', 'owner'], /--yes/, 2], [['reset', 'nobody@gym.example'], /oncekey user list/, 1], [['list', '--role', "x' OR 1=1"], /roles are/, 2]
  ] as const) {
    const answer = oncekey(...words)
    assert.deepEqual([answer.status, answer.stdout], [status, ''], `${words.join(' ')}: ${answer.stderr}`)
    assert.match(answer.stderr, needs)
  }
  assert.deepEqual(await newest(), before)
  const folder = mkdtempSync(join(tmpdir(), 'oncekey-'))
  try {
    const early = at({ dataDir: folder }, 'list')
    assert.deepEqual([early.status, early.stdout], [1, ''])
    assert.match(early.stderr, /Nothing is set up yet/)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
})

test('its page names every command of the program, and every word of this one', () => {
  const root = join(import.meta.dirname, '../../../..')
  const page = readFileSync(join(root, 'docs/command.md'), 'utf8')
  const help = spawnSync(process.execPath, [join(import.meta.dirname, '../../bin/oncekey.mjs'), 'help'], { encoding: 'utf8' }).stdout
  const commands = [...help.matchAll(/^ {2}([a-z]+(?: [a-z]+)?)/gm)].map(([, command = '']) => command).filter((command) => command !== 'help')
  assert.ok(commands.length >= 12, commands.join())
  for (const command of commands) assert.ok(page.includes(`oncekey ${command}`), `docs/command.md lacks "oncekey ${command}"`)
  const verbs = [...oncekey().stderr.matchAll(/^ {2}([a-z-]+)/gm)].map(([, verb = '']) => verb)
  assert.ok(verbs.length >= 7)
  for (const verb of verbs) assert.ok(page.includes(`oncekey user ${verb}`), `docs/command.md lacks "oncekey user ${verb}"`)
})
