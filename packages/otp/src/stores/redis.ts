import { freshBudget } from '../budget.ts'
import { toBase64url, toHex, utf8 } from '../bytes.ts'
import { drawBytes, type Entropy } from '../digits.ts'
import { sha1 } from '../sha1.ts'
import { put, type Change, type CodeName, type Decision, type Facts, type LiveCode, type Look, type SpentCode, type Store } from '../store.ts'
import { script } from './redis-script.ts'
import { after, nothing, seenBy, spentOf, type Whole } from './whole.ts'

/**
 * What the store needs of a client of Redis 7 or Valkey: to send one command and to tell its reply, texts as strings.
 * `key` is one of the command's keys, for clients that have to know the node of a cluster. It must reject when the
 * connection is gone, rather than keep commands for later, and must not send again what may have been done already.
 */
export type RedisDriver = { send: (command: string, args: string[], key: string) => Promise<unknown> }

export type RedisOptions = {
  /** Cryptographic randomness, asked once: changes of two programs must never bear the same mark. */
  readonly entropy: Entropy
  /**
   * What is thought of scopes that were written before the server started or took over.
   * 'trust': nothing is ever lost (`appendonly yes`, `appendfsync always`, no failover by itself).
   * 'void': the last seconds may be lost. Their live codes are revoked, their challenges are spent, their readers have one try
   * before the next lockout. Costs about 10 µs of the server for each call.
   */
  readonly afterRestart: 'trust' | 'void'
  /** How long a scope is kept beyond its last moment of interest when nobody sweeps; at least the engine's `spentForMs`. Default: 24 hours. */
  readonly restMs?: number
  /** What the names of the keys begin with. Default: 'otp'. */
  readonly prefix?: string
  /** Of so many scopes this program remembers what it wrote last, which saves a round trip at the next call. Default: 10,000. */
  readonly remembered?: number
}

export type RedisPlace = {
  readonly driver: RedisDriver
  /** Those of the store. */
  readonly prefix?: string
  /** That of the engine. */
  readonly tenant?: string
}

/**
 * Says once and for all that the data of a tenant begins here; safe to run again. Without it, or when it is no longer there
 * because Redis has lost its data, the store refuses whatever would begin with a fresh budget.
 */
export async function redisSetUp ({ driver, prefix = 'otp', tenant = 'default' }: RedisPlace): Promise<void> {
  const key = `${baseOf(prefix, tenant)}here`
  await driver.send('SET', [key, '1'], key)
}

/** Why a call was refused; or, for anything else that goes wrong with Redis, that nobody knows whether it was done. */
export class RedisStoreError extends Error {
  override readonly name: string = 'RedisStoreError'
  readonly reason: 'lost' | 'evicted' | 'unknown'

  constructor (reason: RedisStoreError['reason'], cause: unknown) {
    super(sentences[reason], { cause })
    this.reason = reason
  }
}

const sentences = {
  lost: 'Redis has none of the data of this tenant: it was never set up, or everything is lost. Find out which, then run redisSetUp.',
  evicted: 'Redis has evicted keys, so budgets may be forgotten: set maxmemory-policy to noeviction, give it memory, and start it anew.',
  unknown: 'Redis gave no answer that could be used; whether the change was made is not known.'
} satisfies Record<RedisStoreError['reason'], string>

/**
 * A store in Redis 7 or Valkey, alone or in a cluster: all keys of a tenant lie in one hash slot. Any number of programs may
 * share it. A change is decided on by what this program last knew of the scope (nothing, at first) and sent with the version
 * of that; the server makes it if the version still holds, else it tells the facts, and they are decided on. So a code
 * that is issued and checked by one program costs one round trip each, any other two.
 */
export function redisStore (driver: RedisDriver, { entropy, afterRestart, restMs = 86_400_000, prefix = 'otp', remembered = 10_000 }: RedisOptions): Store<'async'> {
  const sha = toHex(sha1(utf8(script)))
  const mark = toBase64url(drawBytes(12, entropy))
  const known = new Map<string, Known>()
  const turns = new Map<string, Promise<unknown>>()
  let count = 0

  async function send (command: string, args: string[], key: string): Promise<unknown> {
    try {
      return await driver.send(command, args, key)
    } catch (error) {
      const said = error instanceof Error ? error.message : ''
      throw new RedisStoreError(said.includes('ONCEKEY_LOST') ? 'lost' : said.includes('ONCEKEY_EVICTED') ? 'evicted' : 'unknown', error)
    }
  }

  /** Runs the script: a version comes back when the changes were made on what was expected, else what it is like. */
  async function ask (look: Look, expected: string, changes: readonly RedisChange[]): Promise<unknown> {
    const { tenant, scope, hashes = [], all = false } = look
    const base = baseOf(prefix, tenant)
    const keys = [`${base}here`, `${base}scope:${scope}`, `${base}spent:${scope}`, `${base}live`, `${base}spent`, `${base}idle`]
    const values = [
      expected, `${mark}${(++count).toString(36)}`, text(look.now), text(restMs), afterRestart, scope,
      look.countAfter === undefined ? '' : text(look.countAfter), all ? '1' : '', look.slot ?? '', look.id ?? '', text(hashes.length), ...hashes,
      ...changes.flatMap(wordsOf)
    ]
    const rest = [text(keys.length), ...keys, ...values]
    const [, key = ''] = keys
    return send('EVALSHA', [sha, ...rest], key).catch((error: unknown) => {
      // Never run yet by this server: then it has done nothing.
      if (!(error instanceof RedisStoreError && error.cause instanceof Error && error.cause.message.startsWith('NOSCRIPT'))) throw error
      return send('EVAL', [script, ...rest], key)
    })
  }

  async function tell (look: Look): Promise<Known> {
    return knownFrom(await ask(look, '', []), look)
  }

  function remember (key: string, one: Known): void {
    known.delete(key)
    known.set(key, one)
    if (known.size <= remembered) return
    for (const oldest of known.keys()) {
      known.delete(oldest)
      break
    }
  }

  /** Calls of one program for one scope take turns: they would only fail each other. */
  function inTurn<T> (key: string, work: () => Promise<T>): Promise<T> {
    const turn = (turns.get(key) ?? Promise.resolve()).then(work)
    const settled = turn.catch(() => {}).then(() => { if (turns.get(key) === settled) turns.delete(key) })
    turns.set(key, settled)
    return turn
  }

  function decideOn<T> (look: Look, decide: (facts: Facts) => Promise<Made<T>>): Promise<T> {
    const key = `${look.tenant}\n${look.scope}`
    return inTurn(key, async () => {
      let seen = known.get(key) ?? untouched
      known.delete(key)
      for (;;) {
        const { version, whole, facts } = seen
        const { changes, result } = await decide(whole === null ? facts : seenBy(look, whole))
        const answer = await ask(look, version, changes)
        if (typeof answer !== 'string') {
          seen = knownFrom(answer, look)
          continue
        }
        const ordinary = changes.filter(isOrdinary)
        if (whole !== null && ordinary.length === changes.length) remember(key, { version: answer, whole: after(whole, ordinary), facts })
        return result
      }
    })
  }

  async function members (command: string, args: string[], tenant: string, index: string): Promise<unknown> {
    const key = baseOf(prefix, tenant) + index
    return send(command, [key, ...args], key)
  }

  async function due (tenant: string, index: string, until: number, limit: number): Promise<string[][]> {
    return texts(await members('ZRANGE', ['-inf', text(until), 'BYSCORE', 'LIMIT', '0', text(limit)], tenant, index)).map(member => member.split('\n'))
  }

  return {
    mode: 'async',
    change (look, decide, question) {
      return decideOn(look, async facts => decide(facts, await put(question, facts)))
    },
    async read (look, view) {
      return view((await tell(look)).facts)
    },
    async kept ({ tenant, scopes }) {
      const isKept = await Promise.all(scopes.map(async scope => (await tell({ tenant, scope, now: 0 })).version !== untouched.version))
      return scopes.filter((_, i) => isKept[i])
    },
    async revokeSlots ({ tenant, slotPrefix, now }) {
      const scopes = new Set<string>()
      let cursor = '0'
      do {
        const [next, found] = listOf(await members('ZSCAN', [cursor, 'MATCH', `${slotPrefix.replace(/[\\*?[\]]/g, '\\$&')}*`, 'COUNT', '1000'], tenant, 'live'))
        for (const member of texts(found).filter((_, i) => i % 2 === 0)) {
          const [slot = '', scope = ''] = member.split('\n')
          if (slot.startsWith(slotPrefix)) scopes.add(scope)
        }
        cursor = textOf(next)
      } while (cursor !== '0')
      const names: CodeName[] = []
      for (const scope of scopes) {
        names.push(...await decideOn({ tenant, scope, now, all: true }, async ({ codes }) => spending(scope, codes.filter(code => code.slot.startsWith(slotPrefix)), 'revoked', now)))
      }
      return names
    },
    async sweep ({ tenant, now, spentBefore, limit }) {
      const expired: { code: LiveCode, name: CodeName }[] = []
      for (const [scope, codes] of byScope(await due(tenant, 'live', now, limit), ([slot = '', scope = '', hash = '']) => [scope, { slot, hash }])) {
        const hashes = codes.map(code => code.hash)
        expired.push(...await decideOn({ tenant, scope, now, hashes }, async (facts): Promise<Made<{ code: LiveCode, name: CodeName }[]>> => {
          const over = facts.codes.filter(code => code.expiresAt <= now)
          const { changes, result } = spending(scope, over, 'expired', now)
          // Entries of scopes that died meanwhile.
          const stale = codes.filter(({ hash }) => !facts.codes.some(code => code.hash === hash))
          return {
            changes: [...changes, ...stale.map(({ slot, hash }): RedisChange => ({ do: 'unlist', slot, hash }))],
            result: over.map((code, i) => ({ code, name: result[i]! }))
          }
        }))
      }
      let forgotten = 0
      for (const [scope, hashes] of byScope(await due(tenant, 'spent', spentBefore - 1, limit), ([scope = '', hash = '']) => [scope, hash])) {
        forgotten += await decideOn({ tenant, scope, now, hashes }, async ({ spent }): Promise<Made<number>> => ({
          changes: hashes.filter(hash => !spent.some(code => code.hash === hash && code.at >= spentBefore)).map((hash): RedisChange => ({ do: 'forget', hash })),
          result: spent.filter(code => code.at < spentBefore).length
        }))
      }
      let scopes = 0
      for (const scope of byScope(await due(tenant, 'idle', now, limit), ([scope = '']) => [scope, scope]).keys()) {
        scopes += await decideOn({ tenant, scope, now, all: true }, async ({ codes, spent, forgetAt }): Promise<Made<number>> => {
          const isOver = codes.length === 0 && spent.length === 0 && forgetAt <= now
          return { changes: isOver ? [{ do: 'drop' }] : [], result: isOver && forgetAt > 0 ? 1 : 0 }
        })
      }
      return { expired: expired.sort((a, b) => a.code.expiresAt - b.code.expiresAt).map(({ name }) => name), forgotten, scopes }
    }
  }
}

/** What a program knows of a scope. `whole`: all of it, or null; `facts`: as they were told for one look. */
type Known = { readonly version: string, readonly whole: Whole | null, readonly facts: Facts }

/** A decision of this store's own, or of the engine. */
type Made<T> = { readonly changes: readonly RedisChange[], readonly result: T }

/** What is thought of a scope that nothing is known of: right for a challenge that begins, and corrected else. */
const untouched: Known = { version: '-', whole: nothing, facts: { ...nothing, live: 0 } }

/** What a sweep changes besides. `unlist`: an index names a live code that is not there. */
type RedisChange = Change | { readonly do: 'unlist', readonly slot: string, readonly hash: string } | { readonly do: 'forget', readonly hash: string } | { readonly do: 'drop' }

function isOrdinary (change: RedisChange): change is Change {
  return change.do === 'addCode' || change.do === 'spendCode' || change.do === 'keepScope'
}

/** As the script reads it. */
function wordsOf (change: RedisChange): string[] {
  switch (change.do) {
    case 'addCode': {
      const { id, slot, hash, generation, validFrom, expiresAt, data } = change.code
      return ['add', hash, [id, generation, validFrom, expiresAt, slot, data].join('\n'), text(expiresAt), slot]
    }
    case 'spendCode': {
      const { hash, slot, ...code } = { ...change.code, ...spentOf(change.code, change.reason, change.at) }
      return ['spend', hash, [code.id, code.generation, code.reason, code.at].join('\n'), text(code.at), slot]
    }
    case 'keepScope': {
      const { run, failures, lockouts, lockedUntil } = change.budget
      return ['keep', text(change.generation), [run, failures.join(' '), lockouts.join(' '), lockedUntil].join('\n'), text(change.forgetAt)]
    }
    case 'unlist': return ['unlist', change.slot, change.hash]
    case 'forget': return ['forget', change.hash]
    case 'drop': return ['drop']
  }
}

/** A run of failures that no policy allows: a challenge is spent, a reader has one try before its lockout. */
const VOID = 1e9

function knownFrom (answer: unknown, { all = false, now }: Look): Known {
  const [version, isForeign, generation, budget, forgetAt, live, codes, spent] = listOf(answer)
  const told: Facts = {
    generation: Number(generation),
    budget: budgetFrom(textOf(budget)),
    forgetAt: Number(forgetAt),
    live: Number(live),
    codes: pairs(codes).map(([hash, value]) => liveCode(hash, value)).sort((a, b) => a.generation - b.generation),
    spent: pairs(spent).map(([hash, value]) => spentCode(hash, value)).sort((a, b) => b.generation - a.generation)
  }
  const facts = isForeign === '' ? told : {
    ...told,
    budget: { ...told.budget, run: VOID },
    live: 0,
    codes: [],
    spent: [...told.codes.map(code => spentOf(code, 'revoked', now)), ...told.spent].sort((a, b) => b.generation - a.generation)
  }
  return { version: textOf(version), whole: all && facts === told ? told : null, facts }
}

function budgetFrom (value: string): Facts['budget'] {
  if (value === '') return freshBudget
  const [run, failures = '', lockouts = '', lockedUntil] = value.split('\n')
  return { run: Number(run), failures: times(failures), lockouts: times(lockouts), lockedUntil: Number(lockedUntil) }
}

function liveCode (hash: string, value: string): LiveCode {
  const [id = '', generation, validFrom, expiresAt, slot = '', ...data] = value.split('\n')
  return { id, slot, hash, generation: Number(generation), validFrom: Number(validFrom), expiresAt: Number(expiresAt), data: data.join('\n') }
}

function spentCode (hash: string, value: string): SpentCode {
  const [id = '', generation, reason, at] = value.split('\n')
  return { id, hash, generation: Number(generation), reason: reason === 'used' || reason === 'expired' || reason === 'revoked' ? reason : 'superseded', at: Number(at) }
}

function spending (scope: string, codes: readonly LiveCode[], reason: SpentCode['reason'], at: number): Decision<CodeName[]> {
  return {
    changes: codes.map((code): Change => ({ do: 'spendCode', code, reason, at })),
    result: codes.map(({ id, slot, data }) => ({ id, scope, slot, data }))
  }
}

function byScope<T> (members: string[][], read: (member: string[]) => [scope: string, one: T]): Map<string, T[]> {
  const groups = new Map<string, T[]>()
  for (const member of members) {
    const [scope, one] = read(member)
    groups.set(scope, [...groups.get(scope) ?? [], one])
  }
  return groups
}

/** The part in braces decides on the hash slot; a brace of a name would end it. */
function baseOf (prefix: string, tenant: string): string {
  return `${prefix}:{${tenant.replaceAll('%', '%25').replaceAll('}', '%7D')}}:`
}

function times (value: string): number[] {
  return value === '' ? [] : value.split(' ').map(Number)
}

function text (value: number): string {
  return String(value)
}

function textOf (value: unknown): string {
  if (typeof value === 'string') return value
  throw new RedisStoreError('unknown', new Error(`A text was expected of Redis, not ${typeof value}.`))
}

function listOf (value: unknown): unknown[] {
  if (Array.isArray(value)) return value
  throw new RedisStoreError('unknown', new Error(`A list was expected of Redis, not ${typeof value}.`))
}

function texts (value: unknown): string[] {
  return listOf(value).map(textOf)
}

function pairs (value: unknown): [string, string][] {
  const list = texts(value)
  return Array.from({ length: list.length / 2 }, (_, i) => [list[2 * i]!, list[2 * i + 1]!])
}
