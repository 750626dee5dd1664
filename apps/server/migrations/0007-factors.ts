/**
 * Second factors, browsers that are known, and sign-ins between the first and the second factor. Sessions get an end of their
 * own, and lie in their key: every request looks one up.
 */
export const factors = {
  name: '0007-factors',
  sqlite: `
CREATE TABLE sessions_new (
  token_hash TEXT PRIMARY KEY, person_id TEXT NOT NULL REFERENCES people, created_at INTEGER NOT NULL, last_seen_at INTEGER NOT NULL,
  address TEXT NOT NULL, agent TEXT NOT NULL, idle_ms INTEGER NOT NULL, ends_at INTEGER NOT NULL, proven_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
INSERT INTO sessions_new SELECT token_hash, person_id, created_at, last_seen_at, address, agent, 3600000, created_at + 43200000, 0 FROM sessions;
DROP TABLE sessions;
ALTER TABLE sessions_new RENAME TO sessions;
CREATE INDEX sessions_person ON sessions (person_id);
CREATE INDEX sessions_end ON sessions (ends_at);

CREATE TABLE browsers (
  token_hash TEXT PRIMARY KEY, id TEXT NOT NULL, person_id TEXT NOT NULL REFERENCES people, agent TEXT NOT NULL, address TEXT NOT NULL,
  created_at INTEGER NOT NULL, last_used_at INTEGER NOT NULL, remembered_until INTEGER
) STRICT, WITHOUT ROWID;
CREATE INDEX browsers_person ON browsers (person_id, last_used_at);
CREATE INDEX browsers_used ON browsers (last_used_at);

CREATE TABLE authenticators (
  person_id TEXT PRIMARY KEY REFERENCES people, secret_sealed TEXT NOT NULL, last_step INTEGER, created_at INTEGER NOT NULL, last_used_at INTEGER
) STRICT, WITHOUT ROWID;

CREATE TABLE passkeys (
  credential_id TEXT PRIMARY KEY, id TEXT NOT NULL, person_id TEXT NOT NULL REFERENCES people, host TEXT NOT NULL, name TEXT NOT NULL, public_key TEXT NOT NULL,
  counter INTEGER NOT NULL, transports TEXT NOT NULL, backed_up INTEGER NOT NULL, created_at INTEGER NOT NULL, last_used_at INTEGER
) STRICT, WITHOUT ROWID;
CREATE INDEX passkeys_person ON passkeys (person_id, created_at);

CREATE TABLE recovery_codes (hash TEXT PRIMARY KEY, person_id TEXT NOT NULL REFERENCES people, created_at INTEGER NOT NULL) STRICT, WITHOUT ROWID;
CREATE INDEX recovery_codes_person ON recovery_codes (person_id);

CREATE TABLE pending_sign_ins (
  ticket_hash TEXT PRIMARY KEY, person_id TEXT NOT NULL REFERENCES people, signed_in_by TEXT NOT NULL, remember INTEGER NOT NULL,
  failures INTEGER NOT NULL, expires_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX pending_sign_ins_person ON pending_sign_ins (person_id);
CREATE INDEX pending_sign_ins_end ON pending_sign_ins (expires_at);

CREATE TABLE spent_tickets (ticket_hash TEXT PRIMARY KEY, expires_at INTEGER NOT NULL) STRICT, WITHOUT ROWID;
CREATE INDEX spent_tickets_end ON spent_tickets (expires_at);
`
}
