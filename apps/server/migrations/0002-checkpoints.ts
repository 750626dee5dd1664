/** Signed checkpoints of the record. Their signature covers every column but itself. */
export const checkpoints = {
  name: '0002-checkpoints',
  sqlite: `
CREATE TABLE audit_checkpoints (
  seq INTEGER PRIMARY KEY, house TEXT NOT NULL, generation INTEGER NOT NULL, time INTEGER NOT NULL, mac TEXT NOT NULL, digest TEXT NOT NULL,
  key TEXT NOT NULL, signature TEXT NOT NULL
) STRICT;
`
}
