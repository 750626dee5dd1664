/** The contract over an asynchronous store that works by versions and another attempt, as one on Redis would. */
import { storeContract } from './contract.ts'
import { memoryStore } from './memory.ts'
import { put, type Change, type Facts, type Store } from '../store.ts'

function optimisticStore (): Store<'async'> {
  const inner = memoryStore()
  let version = 0

  return {
    mode: 'async',
    async change (look, decide, question) {
      for (;;) {
        const seen = version
        // Through JSON and back: facts and changes are plain data.
        const facts: Facts = JSON.parse(JSON.stringify(inner.read(look, facts => facts)))
        await nextTurn()
        const { changes, result } = decide(facts, await put(question, facts))
        const plain: Change[] = JSON.parse(JSON.stringify(changes))
        await nextTurn()
        if (version !== seen) continue
        if (plain.length > 0) version++
        return inner.change(look, () => ({ changes: plain, result }))
      }
    },
    async read (look, view) {
      await nextTurn()
      return inner.read(look, view)
    },
    async kept (order) {
      await nextTurn()
      return inner.kept(order)
    },
    async revokeSlots (order) {
      await nextTurn()
      version++
      return inner.revokeSlots(order)
    },
    async sweep (order) {
      await nextTurn()
      version++
      return inner.sweep(order)
    }
  }
}

function nextTurn (): Promise<void> {
  return new Promise(resolve => { setImmediate(resolve) })
}

storeContract({ name: 'asynchronous', open: async () => ({ store: optimisticStore(), close: () => {} }) })
