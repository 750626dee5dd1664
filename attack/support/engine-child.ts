/** A second process on the database of a test's house, without ports. See engine.ts. */
import { testHouse } from '../../apps/server/src/testing/house.ts'
import { carryOut, type Order, type Reply } from './engine.ts'

// Both were written by engine.ts.
const [, , folder = '', env = '{}'] = process.argv
const house = await testHouse({ folder, env: JSON.parse(env) as Record<string, string> })
process.on('message', ({ id, now, work }: Order) => {
  house.wait(now - house.clock())
  carryOut(house, work).then(
    (worked) => { tell({ id, worked }) },
    (error: unknown) => { tell({ id, error: error instanceof Error ? `${error.name}: ${error.message}` : String(error) }) }
  )
})
process.once('disconnect', () => { process.exit(0) })
tell({ id: 0, error: '' })

function tell (reply: Reply): void {
  process.send?.(reply)
}
