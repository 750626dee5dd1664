/** As it was then. */
const STATE = "CASE WHEN suspended_at IS NOT NULL THEN 'suspended' WHEN password_hash IS NULL THEN 'invited' ELSE 'active' END"

/**
 * People by name and by the words of their name, address and user name, at any number of them. Both are made by the
 * program (people/words.ts), not by SQL: rows with an empty `name_key` are waiting for it, those of before this migration among them.
 */
export const people = {
  name: '0008-people',
  sqlite: `
ALTER TABLE people ADD COLUMN name_key TEXT NOT NULL DEFAULT '';
CREATE INDEX people_listed ON people (site_id, role, (${STATE}), name_key, id) WHERE removed_at IS NULL;
CREATE INDEX people_unlisted ON people (id) WHERE name_key = '' AND removed_at IS NULL;

CREATE TABLE people_words (word TEXT NOT NULL, name_key TEXT NOT NULL, person_id TEXT NOT NULL, PRIMARY KEY (word, name_key, person_id)) STRICT, WITHOUT ROWID;
CREATE INDEX people_words_person ON people_words (person_id, word);

CREATE TABLE people_imports (
  id TEXT PRIMARY KEY, site_id TEXT NOT NULL REFERENCES sites, started_by TEXT NOT NULL REFERENCES people, state TEXT NOT NULL, invite INTEGER NOT NULL,
  total INTEGER NOT NULL, done INTEGER NOT NULL, added INTEGER NOT NULL, here INTEGER NOT NULL, faulty INTEGER NOT NULL,
  started_at INTEGER NOT NULL, beat_at INTEGER NOT NULL, ended_at INTEGER
) STRICT;
CREATE INDEX people_imports_started ON people_imports (started_at);
CREATE TABLE people_import_parts (import_id TEXT NOT NULL REFERENCES people_imports, part INTEGER NOT NULL, rows TEXT NOT NULL, PRIMARY KEY (import_id, part)) STRICT, WITHOUT ROWID;
`
}
