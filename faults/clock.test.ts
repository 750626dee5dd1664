import assert from 'node:assert/strict'
import { test } from 'node:test'
import { openWorld, quiet, type LinkedDoor, type World } from '@oncekey/server/testing'
import { dice, isFull, seedFor, type Dice } from './support/seed.ts'

const HISTORIES = isFull ? 400 : 8
const STEPS = 40
const HOUR = 3_600_000

type Known = { id: string, digits: string, validFrom: number, expiresAt: number, point: string, ended: boolean }
type History = { world: World, door: LinkedDoor, random: Dice, codes: Known[], keys: Map<string, { id: string, digits: string, point: string }>, lockedUntil: number, counts: { jumps: number, granted: number, refused: number, restarts: number } }

test(`${HISTORIES} histories in which the server's clock jumps an hour ahead and back: nothing opens outside its time, twice, or in a lockout`, { timeout: isFull ? 3_600_000 : 600_000 }, async () => {
  const seed = seedFor('clock jumps')
  const total = { jumps: 0, granted: 0, refused: 0, restarts: 0 }
  for (let i = 0; i < HISTORIES; i++) {
    const counts = await live(dice(seed + i)).catch((error: unknown) => { throw new Error(`in the history of seed ${seed + i}`, { cause: error }) })
    for (const name of Object.keys(total) as (keyof typeof total)[]) total[name] += counts[name]
  }
  assert.ok(total.granted >= HISTORIES / 4 && total.jumps >= HISTORIES * 2, JSON.stringify(total))
  console.log(`  clock: ${total.jumps} jumps of an hour over ${HISTORIES} histories with ${total.restarts} restarts: ${total.granted} entries granted, each in its time and once, ${total.refused} refused; first answers repeated as they were; chains intact; codes open again afterwards`)
})

async function live (random: Dice): Promise<History['counts']> {
  const world = await openWorld()
  const door = await world.door()
  const history: History = { world, door, random, codes: [], keys: new Map(), lockedUntil: 0, counts: { jumps: 0, granted: 0, refused: 0, restarts: 0 } }
  try {
    for (let step = 0; step < STEPS; step++) await random.pick([jump, jump, issue, issue, issue, enter, enter, enter, enter, enter, mistype, repeat, pass, revoke, restart, clear, clear])(history)
    // The clock is put right, and enough time passes for every wait that a jump can have left behind.
    world.house.wait(30 * HOUR)
    for (const who of Object.values(world.people)) await world.signIn(who)
    door.unplug()
    door.wait(3 * HOUR)
    door.plug()
    await world.wait(1000, door)
    const { digits } = await world.code()
    assert.notEqual(await grantedAt(history, digits), null, 'a fresh code opens when the clock is right again')
    const chain = await world.call(world.people.otto, 'GET', 'audit/chain')
    assert.equal(chain.body.intact, true, JSON.stringify(chain.body))
    const granted = await world.record('access.granted')
    const ids = granted.map((row) => row.details['codeId'])
    assert.equal(new Set(ids).size, ids.length, 'no code was granted twice')
    return history.counts
  } finally {
    await history.world.close()
  }
}

function jump ({ world, random, counts }: History): void {
  counts.jumps++
  world.house.wait(random.pick([HOUR, -HOUR, HOUR, -HOUR, 2 * HOUR, -2 * HOUR, 90_000]))
}

async function pass ({ world, door, random }: History): Promise<void> {
  await world.wait(random.pick([500, 5_000, 31_000]), door)
}

async function issue ({ world, random, codes, keys }: History): Promise<void> {
  const { otto, maya } = world.people
  const point = random.pick([world.points.a01, world.points.a02])
  const now = world.house.clock()
  const isOwn = random.chance(0.5)
  const from = now + random.pick([0, HOUR / 2, HOUR])
  const body = isOwn ? { accessPointId: point } : { accessPointId: point, personId: maya.id, validFrom: from, expiresAt: from + random.pick([60_000, HOUR, 3 * HOUR]) }
  const key = `key-${keys.size}`
  await world.signIn(isOwn ? maya : otto)
  const answer = await world.call(isOwn ? maya : otto, 'POST', 'codes', body, isOwn ? { 'idempotency-key': key } : {})
  assert.ok([null, 'coolingDown'].includes(answer.refusal), answer.said)
  if (answer.status !== 201) return
  const { code, digits } = answer.body
  for (const one of codes) if (one.point === point) one.ended = true
  codes.push({ id: code.id, digits, validFrom: isOwn ? 0 : code.validFrom > now ? code.validFrom : 0, expiresAt: code.expiresAt, point, ended: false })
  if (isOwn) keys.set(key, { id: code.id, digits, point })
}

async function repeat ({ world, keys, random }: History): Promise<void> {
  const known = [...keys]
  if (known.length === 0) return
  const [key, first] = random.pick(known)
  await world.signIn(world.people.maya)
  const again = await world.call(world.people.maya, 'POST', 'codes', { accessPointId: first.point }, { 'idempotency-key': key })
  assert.equal(again.body.code.id, first.id, 'the same code')
  assert.ok([first.digits, ''].includes(again.body.digits))
}

async function enter (history: History): Promise<void> {
  const { random, codes, counts } = history
  if (codes.length === 0) return
  const live = codes.filter((one) => !one.ended)
  const code = live.length > 0 && random.chance(0.95) ? random.pick(live) : random.pick(codes)
  const at = await grantedAt(history, code.digits)
  if (at === null) {
    counts.refused++
    return
  }
  counts.granted++
  assert.ok(!code.ended, 'a code that was used, replaced or revoked opened')
  assert.ok(at >= code.validFrom && at < code.expiresAt, `a code of ${code.validFrom}..${code.expiresAt} opened at ${at}`)
  assert.ok(at >= history.lockedUntil, `opened at ${at} in a lockout until ${history.lockedUntil}`)
  code.ended = true
}

async function mistype (history: History): Promise<void> {
  assert.equal(await grantedAt(history, '00000000'), null)
}

async function revoke ({ world, random, codes }: History): Promise<void> {
  const live = codes.filter((one) => !one.ended)
  if (live.length === 0) return
  const code = random.pick(live)
  await world.signIn(world.people.otto)
  assert.equal((await world.call(world.people.otto, 'DELETE', `codes/${code.id}`)).status, 204)
  code.ended = true
}

/** An operator ends the lockout; without one nothing does but its time. */
async function clear (history: History): Promise<void> {
  const { world, door } = history
  if (history.lockedUntil <= world.house.clock()) return
  await world.signIn(world.people.otto)
  const answer = await world.call(world.people.otto, 'POST', `controllers/${world.controllers.bank}/clear-lockout`, { reason: 'The clock was wrong' })
  if (answer.refusal !== 'controllerOffline') assert.equal(answer.status, 204, answer.said)
  if (answer.status === 204) history.lockedUntil = 0
  await world.wait(1000, door)
}

async function restart ({ world, door, counts }: History): Promise<void> {
  counts.restarts++
  door.unplug()
  await world.restart()
  door.plug()
  await quiet()
  await world.wait(1000, door)
}

/** Types it at the door; the house's time at that moment when the server granted it, else null. Remembers lockouts that began. */
async function grantedAt (history: History, digits: string): Promise<number | null> {
  const { world, door } = history
  const before = (await world.record()).at(-1)?.seq ?? 0
  // The display goes back to rest first: the door's own clock does not jump.
  await world.wait(6_000, door)
  const at = world.house.clock()
  await door.enter(digits)
  const fresh = (await world.record()).filter((row) => row.seq > before)
  for (const row of fresh) if (row.event === 'keypad.lockedOut') history.lockedUntil = Math.max(history.lockedUntil, row.time + Number(row.details['lockoutMs'] ?? 0))
  const granted = fresh.find((row) => row.event === 'access.granted')
  if (granted !== undefined) assert.equal(granted.time, at, 'answered at the moment it was typed')
  return granted === undefined ? null : at
}
