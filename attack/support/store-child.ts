/** One process with an engine on a shared database. See store-processes.ts. */
import { openStores, type StoreName } from './store-databases.ts'
import { work, type StoreOrder, type StoreReply } from './store-processes.ts'

const [, , name = '', at = ''] = process.argv
const stores = await openStores(nameOf(name), at)
process.on('message', ({ id, work: order }: StoreOrder) => {
  work(stores, order).then(
    (done) => { tell({ id, done }) },
    (error: unknown) => { tell({ id, error: error instanceof Error ? `${error.name}: ${error.message}` : String(error) }) }
  )
})
process.once('disconnect', () => { process.exit(0) })
tell({ id: 0, error: '' })

function tell (reply: StoreReply): void {
  process.send?.(reply)
}

function nameOf (text: string): StoreName {
  if (text === 'SQLite' || text === 'PostgreSQL' || text === 'Redis') return text
  throw new RangeError(`There is no store on "${text}".`)
}
