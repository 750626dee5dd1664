import assert from 'node:assert/strict'
import { test } from 'node:test'
import { linkKeys, seal } from '@oncekey/protocol/messages'
import { upTopic } from '@oncekey/protocol/topics'
import { smtpChannel } from '../notify/channels/smtp.ts'
import { startOutbox } from '../notify/loop.ts'
import { openPostOffice } from '../testing/post-office.ts'
import { openWorld, quiet } from '../testing/world.ts'

test('a stolen controller that repeats one question without end is followed once, not once for each', async () => {
  const office = await openPostOffice()
  const world = await openWorld({ env: { ONCEKEY_SMTP_URL: office.url } })
  const outbox = startOutbox(world.house, smtpChannel(office.url))
  try {
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
    for (let n = 1; n <= 100; n++) {
      const body = { s: session.s, n: session.sent + n, id: `thief-${n % 2}`, kind: 'requestCode', mode: 'unlock', lock: 1 }
      door.client?.publish(topic, seal(keys.macUp, topic, JSON.stringify(body)), false)
      if (n % 20 === 0) await quiet()
    }
    await quiet()
    const answers = (): number => door.passed.filter((one) => one.direction === 'down' && one.topic.endsWith('/answer')).length
    const asked = answers()
    assert.ok(asked <= 100)
    const [waiting] = (await world.call(otto, 'GET', `door-codes?accessPointId=${world.points.front}`)).body.codes
    assert.equal((await world.call(otto, 'POST', `door-codes/${waiting?.id}/decision`, { approve: true })).status, 204)
    for (const end = performance.now() + 5000; answers() === asked && performance.now() < end;) await new Promise((resolve) => { setTimeout(resolve, 20) })
    await new Promise((resolve) => { setTimeout(resolve, 500) })
    assert.equal(answers() - asked, 1, 'one follower, one piece of news')
  } finally {
    await outbox.stop()
    await world.close()
    await office.close()
  }
})
