/** A kind of database that the suites run on. */
export type Database = {
  name: 'sqlite' | 'postgres'
  /** The settings of a server on a fresh one. */
  settings: () => Promise<Record<string, string>>
}

const sqlite: Database = { name: 'sqlite', settings: async () => ({}) }

/** Every database that Oncekey runs on. */
export const databases: readonly Database[] = [sqlite]
