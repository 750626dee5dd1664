import assert from 'node:assert/strict'
import { test, type TestContext } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { linkKeys, seal } from '@oncekey/protocol/messages'
import { upTopic } from '@oncekey/protocol/topics'
import { smtpChannel } from '../notify/channels/smtp.ts'
import { startOutbox } from '../notify/loop.ts'
import { openPostOffice } from '../testing/post-office.ts'
import { openWorld, quiet, type World } from '../testing/world.ts'

/** A world whose front door asks an operator, and a way to publish questions in its name: what a thief of its key has. */
async function stolenDoor (t: TestContext): Promise<{ world: World, ask: (n: number, id: string) => void, answers: () => number, sayYes: () => Promise<void> }> {
  const office = await openPostOffice()
  const world = await openWorld({ env: { ONCEKEY_SMTP_URL: office.url } })
  const outbox = startOutbox(world.house, smtpChannel(office.url))
  t.after(async () => {
    await outbox.stop()
    await world.close()
    await office.close()
  })
  const { adam, otto } = world.people
  await world.call(otto, 'POST', `access-points/${world.points.front}/recipients`, { address: 'ana@example.org' })
  await world.call(adam, 'PATCH', `access-points/${world.points.front}/door-mode`, { way: 'approval', doorMakes: false })
  const door = await world.door(world.controllers.front)
  const { identity } = door
  const session = door.controller.link?.session
  assert.ok(session)
  const topic = upTopic(identity, 'request')
  const keys = linkKeys(identity.rootKey, 1)
  door.passed.length = 0
  return {
    world,
    ask (n, id) {
      const body = { s: session.s, n: session.sent + n, id, kind: 'requestCode', mode: 'unlock', lock: 1 }
      door.client?.publish(topic, seal(keys.macUp, topic, JSON.stringify(body)), false)
    },
    answers: () => door.passed.filter((one) => one.direction === 'down' && one.topic.endsWith('/answer')).length,
    async sayYes () {
      const [waiting] = (await world.call(otto, 'GET', `door-codes?accessPointId=${world.points.front}`)).body.codes
      assert.equal((await world.call(otto, 'POST', `door-codes/${waiting?.id}/decision`, { approve: true })).status, 204)
    }
  }
}

async function until (is: () => boolean): Promise<void> {
  for (const end = performance.now() + 5000; !is() && performance.now() < end;) await sleep(20)
}

test('a stolen controller that repeats one question without end is followed once, not once for each', async (t) => {
  const { ask, answers, sayYes } = await stolenDoor(t)
  for (let n = 1; n <= 100; n++) {
    ask(n, `thief-${n % 2}`)
    if (n % 20 === 0) await quiet()
  }
  await quiet()
  const asked = answers()
  assert.ok(asked <= 100)
  await sayYes()
  await until(() => answers() > asked)
  await sleep(500)
  assert.equal(answers() - asked, 1, 'one follower, one piece of news')
})

test('an older question whose write takes longer does not end the news of the newest one', async (t) => {
  const { world, ask, answers, sayYes } = await stolenDoor(t)
  const write = world.house.db.write
  let held: Promise<void> | null = null
  let release = (): void => {}
  t.mock.method(world.house.db, 'write', (async (change, more) => {
    const value = await write(change, more)
    if (more?.beside !== undefined && held === null) {
      held = new Promise((resolve) => { release = resolve })
      await held
    }
    return value
  }) satisfies typeof write)
  ask(1, 'older')
  await until(() => held !== null)
  ask(2, 'newest')
  await until(() => answers() === 1)
  release()
  await sleep(500)
  const asked = answers()
  await sayYes()
  await until(() => answers() > asked)
  assert.equal(answers() - asked, 1)
})
