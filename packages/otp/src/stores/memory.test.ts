import { storeContract } from './contract.ts'
import { memoryStore } from './memory.ts'

storeContract({ name: 'memory', open: async () => ({ store: memoryStore(), close: () => {} }) })
