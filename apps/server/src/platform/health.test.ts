import assert from 'node:assert/strict'
import { test } from 'node:test'
import { testHouse } from '../testing/house.ts'

test('however many ask for the state at once, the disk is written to once a second', async () => {
  const house = await testHouse()
  try {
    let writes = 0
    const { write } = house.db
    house.db.write = (change, options) => {
      writes++
      return write(change, options)
    }
    const answers = await Promise.all(Array.from({ length: 500 }, () => house.app.inject('/health')))
    assert.deepEqual([...new Set(answers.map((one) => one.json().checks[0].status))], ['ok'])
    assert.equal(writes, 1)
    house.wait(1000)
    await house.app.inject('/health')
    assert.equal(writes, 2)
  } finally {
    await house.close()
  }
})
