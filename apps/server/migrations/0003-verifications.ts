/** Verifications for other programs, and the keys that those programs have. */
export const verifications = {
  name: '0003-verifications',
  sqlite: `
CREATE TABLE api_keys (
  id TEXT PRIMARY KEY, site_id TEXT NOT NULL REFERENCES sites, name TEXT NOT NULL, secret_hash TEXT NOT NULL, scopes TEXT NOT NULL,
  made_by TEXT NOT NULL, created_at INTEGER NOT NULL, last_used_at INTEGER, revoked_at INTEGER
) STRICT;
CREATE UNIQUE INDEX api_keys_secret ON api_keys (secret_hash);

CREATE TABLE verifications (
  id TEXT PRIMARY KEY, site_id TEXT NOT NULL REFERENCES sites, channel TEXT NOT NULL, recipient TEXT NOT NULL, recipient_key TEXT NOT NULL,
  purpose TEXT NOT NULL, status TEXT NOT NULL, created_at INTEGER NOT NULL, expires_at INTEGER NOT NULL, ended_at INTEGER
) STRICT, WITHOUT ROWID;
CREATE INDEX verifications_pending ON verifications (expires_at) WHERE status = 'pending';
CREATE INDEX verifications_created ON verifications (created_at);

CREATE TABLE verification_recipients (recipient_key TEXT PRIMARY KEY, sends TEXT NOT NULL, forget_at INTEGER NOT NULL) STRICT, WITHOUT ROWID;
CREATE INDEX verification_recipients_forget ON verification_recipients (forget_at);

ALTER TABLE outbox ADD COLUMN verification_id TEXT;
CREATE INDEX outbox_verification ON outbox (verification_id, created_at) WHERE verification_id IS NOT NULL;
`
}
