/**
 * The fraud guard. `purse`: see guard/rows.ts; `forget_day`: days since 1970. Without an
 * index: one would be a second place in a tree to write for each message, for what is looked through four times a day.
 * `recorded`: how much of a count the record has been told.
 */
export const guard = {
  name: '0023-guard',
  sqlite: `
CREATE TABLE guard_purses (name TEXT PRIMARY KEY, purse TEXT NOT NULL, forget_day INTEGER NOT NULL) STRICT, WITHOUT ROWID;

CREATE TABLE guard_sends (verification_id TEXT PRIMARY KEY, subjects TEXT NOT NULL, forget_day INTEGER NOT NULL) STRICT, WITHOUT ROWID;

CREATE TABLE guard_blocks (
  id TEXT PRIMARY KEY, level TEXT NOT NULL, name TEXT NOT NULL, since INTEGER NOT NULL, until INTEGER NOT NULL, sent INTEGER NOT NULL, verified INTEGER NOT NULL,
  ended_at INTEGER, lifted_by TEXT, why TEXT
) STRICT;
CREATE INDEX guard_blocks_open ON guard_blocks (until) WHERE ended_at IS NULL;
CREATE INDEX guard_blocks_since ON guard_blocks (since);

CREATE TABLE guard_figures (
  hour INTEGER NOT NULL, channel TEXT NOT NULL, country TEXT NOT NULL, what TEXT NOT NULL, count INTEGER NOT NULL, recorded INTEGER NOT NULL DEFAULT 0,
  PRIMARY KEY (hour, channel, country, what)
) STRICT, WITHOUT ROWID;
`
}
