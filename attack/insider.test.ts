import './support/memory-folder.ts'
import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { test } from 'node:test'
import { dailyChance, readerPolicy } from '@oncekey/otp'
import { readerLimits } from '../apps/server/src/access/reader.ts'
import { verifyEntry } from '../apps/server/src/access/verify.ts'
import { openWorld, type World } from '../apps/server/src/testing/world.ts'
import { dice, figure, seedOfRun, size } from './support/size.ts'

const DAYS = size(2, 14)
const DAY_MS = 86_400_000
const CEILING = 84
const seed = seedOfRun()

/** How somebody with codes of their own may go about it: how many guesses between two own codes, and how long a pause. */
const manners: { name: string, guesses: (roll: (sides: number) => number) => number, pauseMs: (roll: (sides: number) => number) => number }[] = [
  { name: 'patient: two guesses, then an own code, never a lockout', guesses: () => 2, pauseMs: () => 60_000 },
  { name: 'hasty: guesses until it is locked out', guesses: () => 3, pauseMs: () => 30_000 },
  { name: 'at random', guesses: (roll) => roll(4), pauseMs: (roll) => 1000 + roll(600_000) }
]

for (const manner of manners) {
  test(`an insider, ${manner.name}: at most ${CEILING} guesses are compared in any 24 hours of ${DAYS} days, seed ${seed}`, async () => {
    const roll = dice(seed)
    const world = await openWorld()
    try {
      const compared: number[] = []
      const begun = world.house.clock()
      let own = 0
      let sent = 0
      while (world.house.clock() < begun + DAYS * DAY_MS) {
        for (let i = manner.guesses(roll); i > 0; i--) {
          sent++
          if (await guess(world, String(roll(10_000_000)).padStart(7, '0'))) compared.push(world.house.clock())
          const left = await lockoutLeft(world)
          if (left === 0) continue
          // A millisecond before its end nothing is compared; then it goes on.
          world.house.wait(left - 1)
          sent++
          assert.equal(await guess(world, '0000000'), false, 'a guess was compared during a lockout')
          world.house.wait(1)
        }
        await world.signIn(world.people.maya)
        const point = roll(2) === 0 ? world.points.a01 : world.points.a02
        const answer = await world.call(world.people.maya, 'POST', 'codes', { accessPointId: point })
        if (answer.status === 201 && await opens(world, answer.body.digits)) own++
        world.house.wait(manner.pauseMs(roll))
      }
      const worst = Math.max(...compared.map((at) => compared.filter((one) => one > at - DAY_MS && one <= at).length))
      assert.ok(worst <= CEILING, `${worst} guesses in 24 hours`)
      assert.ok(worst > CEILING / 2, `only ${worst} guesses a day: this attacker does not try`)
      figure(`insider, ${manner.name}: ${sent} guesses in ${DAYS} days, with ${own} own codes between them; at most ${worst} compared in 24 hours (bound ${CEILING})`)
    } finally {
      await world.close()
    }
  })
}

test('the page shows the reader\'s daily chance for the codes that are live, and issuing stops before it exceeds one in ten thousand', async () => {
  const world = await openWorld()
  try {
    const { digits, maxLive } = readerLimits(3)
    let live = 0
    for (;; live++) {
      const shown = await shownChance(world)
      assert.equal(shown, dailyChance(live, digits, readerPolicy.ceiling))
      assert.ok(Math.abs(shown - live * CEILING / 10 ** digits) < 1e-12)
      assert.ok(shown <= 1e-4, `${live} codes: ${shown}`)
      // A code for somebody else each time; every one stays live.
      const holderId = await newcomer(world, live)
      const answer = await world.call(world.people.otto, 'POST', 'codes', { accessPointId: world.points.a01, personId: holderId })
      if (answer.status === 409 && live === maxLive) break
      assert.equal(answer.status, 201, JSON.stringify(answer.body))
    }
    figure(`operator's page: ${digits} digits, ${live} live codes at most, daily chance ${await shownChance(world)} (bound 1e-4)`)
  } finally {
    await world.close()
  }
})

async function shownChance (world: World): Promise<number> {
  const { body } = await world.call(world.people.otto, 'GET', 'places')
  const { controllers } = body as { controllers: { id: string, dailyChance: number }[] }
  return controllers.find((one) => one.id === world.controllers.bank)?.dailyChance ?? NaN
}

async function newcomer (world: World, i: number): Promise<string> {
  const id = randomUUID()
  await world.house.db.write(async (trx) => {
    await trx.sql.insertInto('people').values({
      id, site_id: world.siteId, name: `Guest ${i}`, email: `guest${i}@gym.example`, role: 'member', password_hash: null,
      suspended_at: null, removed_at: null, last_seen_at: null, created_at: world.house.clock()
    }).execute()
  })
  return id
}

/** Types it past the controller's program, with its keys. @returns whether it was compared */
async function guess (world: World, digits: string): Promise<boolean> {
  const before = await failures(world)
  await enter(world, digits)
  return await failures(world) !== before
}

/** ms until the keypad listens again. */
async function lockoutLeft ({ house, controllers }: World): Promise<number> {
  const { lockedUntil } = await house.db.write(async () => house.otp.status({ scope: controllers.bank, policy: readerPolicy }))
  return Math.max(0, (lockedUntil ?? 0) - house.clock())
}

async function opens (world: World, digits: string): Promise<boolean> {
  return (await enter(world, digits)).granted
}

function enter (world: World, digits: string): ReturnType<typeof verifyEntry> {
  const { house } = world
  return house.db.write((trx) => verifyEntry(trx, house, { controller: { id: world.controllers.bank, name: 'Bank A' }, requestId: randomUUID(), lock: 0, digits }))
}

/** What the record says was compared and refused: refusals of a keypad that rests are not among it. */
async function failures (world: World): Promise<number> {
  const row = await world.house.db.read.selectFrom('audit').select((eb) => eb.fn.countAll<number>().as('n')).where('event', '=', 'access.denied').where('reason', '<>', 'lockedOut').executeTakeFirstOrThrow()
  return Number(row.n)
}
