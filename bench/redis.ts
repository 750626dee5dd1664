import { createClient } from '@redis/client'
import { execFileSync } from 'node:child_process'
import { createHmac, createSecretKey, randomBytes } from 'node:crypto'
import { challengePolicy, createOtp, type KeyRing } from '@oncekey/otp'
import { redisSetUp, redisStore, type RedisDriver } from '@oncekey/otp/redis'
import { redisBenchmark, startRedis } from '../scripts/redis.mjs'
import { figure, type Figure } from './figures.ts'

/** In one round of ours, and of theirs. */
const CHECKS = 8000
const ROUNDS = 5
const WARM_UP = 2
const AT_ONCE = 64
/** Scopes for redis-benchmark to choose from: with ten times as many as it asks, 95 of a hundred are asked for the first time. */
const PREPARED = CHECKS * 10
const OURS = '{default}'
const THEIRS = '{bench}'

/**
 * Checks of right codes by the Redis store alone, without HTTP: one program, one connection, 64 checks at once; beside
 * redis-benchmark, which runs the same script with the words of the same check, unpipelined and sixteen at a time. Both
 * have as many codes beside those that are asked for. Each check of ours also makes an HMAC, decides, and reads an answer.
 */
export async function* redis (): AsyncGenerator<Figure> {
  const server = await startRedis()
  // Its timeout is for commands that wait to be sent; here none does.
  const client = createClient({ socket: { path: server.socket, tls: false }, disableOfflineQueue: true, commandOptions: { timeout: 0 } })
  await client.connect()
  try {
    const sent: string[][] = []
    const driver: RedisDriver = {
      send (command, args) {
        if (sent.length < 4) sent.push([command, ...args])
        return client.sendCommand([command, ...args])
      }
    }
    await redisSetUp({ driver })
    const key = createSecretKey(randomBytes(32))
    const keys: KeyRing = { current: 'k', keyIds: ['k'], hmac: (_, message) => createHmac('sha256', key).update(message).digest('hex') }
    const otp = createOtp({ store: redisStore(driver, { entropy: randomBytes, afterRestart: 'trust' }), keys, clock: Date.now, entropy: randomBytes })
    const check = await oneCheck(otp, sent)
    const rates: Record<'ours' | 'elsewhere' | 'plain' | 'piped', number[]> = { ours: [], elsewhere: [], plain: [], piped: [] }
    for (let round = 1 - WARM_UP; round <= ROUNDS; round++) {
      const plain = await benchmark(client, server.socket, check, 1)
      const ours = await checksPerSecond(client, check, otp, otp)
      const stranger = createOtp({ store: redisStore(driver, { entropy: randomBytes, afterRestart: 'trust' }), keys, clock: Date.now, entropy: randomBytes })
      const elsewhere = await checksPerSecond(client, check, otp, stranger)
      const piped = await benchmark(client, server.socket, check, 16)
      if (round < 1) continue
      rates.ours.push(ours)
      rates.elsewhere.push(elsewhere)
      rates.plain.push(plain)
      rates.piped.push(piped)
    }
    yield figure('Redis store, check, 64 at once', '1/s', 'redis-benchmark, same script, -c 64', rates.ours, rates.plain)
    yield figure('Redis store, check, 64 at once', '1/s', 'redis-benchmark, same script, -c 64 -P 16', rates.ours, rates.piped)
    yield figure('Redis store, code of another program', '1/s', 'redis-benchmark, same script, -c 64', rates.elsewhere, rates.plain)
  } finally {
    client.destroy()
    await server.stop()
  }
}

type Client = { sendCommand: (words: string[]) => Promise<unknown> }
type Engine = ReturnType<typeof createOtp<'async'>>

let made = 0

/** The words of the command of a check that the store sends. */
async function oneCheck (otp: Engine, sent: string[][]): Promise<string[]> {
  const scope = 'the pattern'
  const issue = await otp.issue({ purpose: 'login', scope, slot: 'anna', policy: challengePolicy, digits: 6, ttlMs: 600_000 })
  sent.length = 0
  const verdict = await otp.verify({ purpose: 'login', scope, policy: challengePolicy, code: issue.issued ? issue.code : '' })
  const [command] = sent
  if (!verdict.granted || command?.[0] !== 'EVALSHA') throw new Error('A check is one EVALSHA.')
  return command
}

async function checksPerSecond (client: Client, check: string[], issuer: Engine, checker: Engine): Promise<number> {
  await fill(client, OURS, 'somebody-else-__rand_int__', hashIn(check))
  const codes: { scope: string, code: string }[] = []
  await inTurns(CHECKS, async () => {
    const scope = `challenge-${String(++made).padStart(12, '0')}`
    const issue = await issuer.issue({ purpose: 'login', scope, slot: 'anna', policy: challengePolicy, digits: 6, ttlMs: 600_000 })
    codes.push({ scope, code: issue.issued ? issue.code : '' })
  })
  let granted = 0
  const begun = performance.now()
  await inTurns(CHECKS, async (i) => {
    const verdict = await checker.verify({ purpose: 'login', policy: challengePolicy, scope: codes[i]?.scope ?? '', code: codes[i]?.code ?? '' })
    if (verdict.granted) granted++
  })
  if (granted !== CHECKS) throw new Error(`${granted} of ${CHECKS} right codes were granted.`)
  const rate = CHECKS / (performance.now() - begun) * 1000
  await clear(client, OURS)
  return rate
}

async function inTurns (count: number, work: (i: number) => Promise<void>): Promise<void> {
  let next = 0
  await Promise.all(Array.from({ length: AT_ONCE }, async () => { for (let i = next++; i < count; i = next++) await work(i) }))
}

/** Scopes with a live code each, as an issue leaves them. */
async function fill (client: Client, database: string, name: string, hash: string): Promise<void> {
  const script = `for i = ARGV[1], ARGV[2] do
    local scope = string.gsub(ARGV[3], '__rand_int__', string.format('%012d', i))
    redis.call('HSET', 'otp:${database}:scope:' .. scope, 'v', 'first', 'g', '1', 'b', '0\\n\\n\\n0', 'f', ARGV[4], 'u', ARGV[4], 'n', '1', 'r', '', 'c' .. ARGV[5], ARGV[6])
    redis.call('ZADD', 'otp:${database}:live', ARGV[4], 'anna\\n' .. scope .. '\\n' .. ARGV[5])
  end`
  const end = String(Date.now() + 600_000)
  for (let i = 0; i < PREPARED; i += 5000) await client.sendCommand(['EVAL', script, '0', String(i), String(i + 4999), name, end, hash, `id\n1\n0\n${end}\nanna\n`])
}

/** Everything of a database but the sign that it is there. */
async function clear (client: Client, database: string): Promise<void> {
  await client.sendCommand(['EVAL', "for _, key in ipairs(redis.call('KEYS', 'otp:' .. ARGV[1] .. '*')) do if string.sub(key, -5) ~= ':here' then redis.call('DEL', key) end end", '0', database])
}

/** The last change of a check is that of the code that is spent: its hash, value, end and slot. */
function hashIn (check: readonly string[]): string {
  return check.at(-4) ?? ''
}

/** The command of a check by redis-benchmark, with the number of a scope by chance. */
async function benchmark (client: Client, socket: string, check: string[], pipeline: number): Promise<number> {
  const name = `round${++made}-__rand_int__`
  const [command = '', sha = '', count = '', ...rest] = check.map((word) => word.replace(OURS, THEIRS).replaceAll('the pattern', name))
  const expected = 6
  await fill(client, THEIRS, name, hashIn(check))
  rest[expected] = 'first/'
  const said = execFileSync(redisBenchmark(), ['-s', socket, '-c', String(AT_ONCE), '-n', String(CHECKS), '-P', String(pipeline), '-r', String(PREPARED), '--csv', command, sha, count, ...rest], { encoding: 'utf8' })
  const done = Number(await client.sendCommand(['ZCARD', `otp:${THEIRS}:spent`]))
  if (done < CHECKS * 0.9) throw new Error(`redis-benchmark checked ${done} of ${CHECKS} codes.`)
  await clear(client, THEIRS)
  return Number(/^"[^]*?","([\d.]+)"/m.exec(said.split('\n').at(1) ?? '')?.[1] ?? /,"([\d.]+)"/.exec(said)?.[1])
}
