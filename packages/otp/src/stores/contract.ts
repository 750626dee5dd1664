/**
 * The tests that every store has to pass, for `node --test`. Call it in a test file of your own store:
 *
 *   storeContract({ name: 'MyStore', open: async () => ({ store: myStore(), close: async () => {} }) })
 *
 * `open` gives an empty store for each test; the tests of one store run one after the other.
 */
import { test as nodeTest } from 'node:test'
import { bindingCases } from './testing/bindings.ts'
import { budgetCases } from './testing/budgets.ts'
import { clockCases } from './testing/clocks.ts'
import { codeCases } from './testing/codes.ts'
import { factCases } from './testing/facts.ts'
import { housekeepingCases } from './testing/housekeeping.ts'
import { issueCases } from './testing/issuing.ts'
import { lifeCases } from './testing/lives.ts'
import { mannerCases, sizeCases } from './testing/manners.ts'
import type { Store } from '../store.ts'
import { world } from './testing/world.ts'

export type StoreSubject = {
  /** Stands in front of the names of the tests. */
  readonly name: string
  readonly open: () => Promise<{ readonly store: Store<'sync'> | Store<'async'>, readonly close: () => void | Promise<void> }>
}

/** Defines one test per clause; `test` may be given to run them under another runner with the signature of node:test. */
export function storeContract ({ name, open }: StoreSubject, test: (title: string, run: () => Promise<void>) => unknown = nodeTest): void {
  for (const [title, run] of [...codeCases, ...issueCases, ...bindingCases, ...budgetCases, ...clockCases, ...housekeepingCases, ...mannerCases, ...sizeCases, ...factCases, ...lifeCases]) {
    test(`${name}: ${title}`, async () => {
      const { store, close } = await open()
      try {
        await run(world(store))
      } finally {
        await close()
      }
    })
  }
}
