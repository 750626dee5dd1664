import { DatabaseSync } from 'node:sqlite'
import { storeContract } from './contract.ts'
import { sqliteSchema, sqliteStore } from './sqlite.ts'

storeContract({
  name: 'SQLite',
  async open () {
    const db = new DatabaseSync(':memory:')
    db.exec(sqliteSchema)
    return { store: sqliteStore(db, { transaction: 'own' }), close: () => db.close() }
  }
})
