import assert from 'node:assert/strict'
import { afterEach, beforeEach, test } from 'node:test'
import type { ImportPreview, ImportState } from '@oncekey/protocol/schemas'
import { COOKIE } from '../sessions/cookies.ts'
import { openWorld, type World } from '../testing/world.ts'

let world: World
beforeEach(async () => { world = await openWorld() })
afterEach(async () => { await world.close() })

const send = async (url: string, payload: string) => world.house.app.inject({ method: 'POST', url: '/api/v1/people/imports' + url, headers: { 'content-type': 'text/csv', cookie: `${COOKIE}=${world.people.adam.cookie}` }, payload })

test('a list names groups: who is added joins them, a name that is none adds nobody', async () => {
  const { otto } = world.people
  const ids: string[] = []
  for (const name of ['Staff', 'Night shift']) ids.push((await world.call(otto, 'POST', 'groups', { name })).body.id)
  await world.call(otto, 'POST', `groups/${ids[1]}/grants`, { accessPointIds: [world.points.front] })
  const list = 'name,email,Gruppe\nNia,nia@x.example,night SHIFT | Staff|staff\nOdd,odd@x.example,Staf\nPlain,plain@x.example,'
  const preview: ImportPreview = (await send('/preview', list)).json()
  assert.deepEqual([preview.fresh, preview.faults, preview.leftOut], [2, [{ line: 3, fault: 'groupUnknown', value: 'Staf' }], []])
  const { id }: ImportState = (await send('', list)).json()
  let state: unknown = 'running'
  while (state === 'running') {
    await new Promise((resolve) => { setTimeout(resolve, 1) })
    state = (await world.house.rows(`SELECT state FROM people_imports WHERE id = '${id}'`))[0]?.['state']
  }
  assert.equal(state, 'done')
  const groups = (await world.call(otto, 'GET', 'groups')).body.groups
  assert.deepEqual(groups.map((group) => [group.name, group.people]), [['Night shift', 1], ['Staff', 1]])
  assert.deepEqual((await world.record('group.joined')).map((row) => [row.actor?.name, row.subject?.name]), [['Adam', 'Nia'], ['Adam', 'Nia']])
  assert.deepEqual((await world.call(otto, 'GET', `access/holders?accessPointId=${world.points.front}`)).body.holders.map((one) => [one.person.name, one.grant?.group?.name]), [['Nia', 'Night shift']])
})
