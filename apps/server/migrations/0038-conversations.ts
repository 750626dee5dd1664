/**
 * Questions to those who run the place, and their answers. `link_hash` and `link_sealed`: the way back for somebody without an
 * account, made with the first answer. A mail of the same `thread` stands beside those before it in a mail program.
 */
export const conversations = {
  name: '0038-conversations',
  sqlite: `
CREATE TABLE conversations (
  id TEXT PRIMARY KEY, site_id TEXT NOT NULL REFERENCES sites, person_id TEXT REFERENCES people, name TEXT NOT NULL, email TEXT NOT NULL,
  subject TEXT NOT NULL, state TEXT NOT NULL, messages INTEGER NOT NULL, created_at INTEGER NOT NULL, last_at INTEGER NOT NULL,
  link_hash TEXT UNIQUE, link_sealed TEXT
) STRICT;
CREATE INDEX conversations_state ON conversations (site_id, state, last_at, id);
CREATE INDEX conversations_last ON conversations (site_id, last_at, id);
CREATE INDEX conversations_person ON conversations (person_id, last_at) WHERE person_id IS NOT NULL;

CREATE TABLE conversation_messages (
  conversation_id TEXT NOT NULL REFERENCES conversations, position INTEGER NOT NULL, author TEXT NOT NULL, name TEXT NOT NULL, text TEXT NOT NULL, at INTEGER NOT NULL,
  PRIMARY KEY (conversation_id, position)
) STRICT, WITHOUT ROWID;

ALTER TABLE outbox ADD COLUMN thread TEXT;
`
}
