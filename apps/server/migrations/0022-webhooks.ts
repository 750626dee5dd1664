/**
 * Programs that are told what becomes of verifications, with an outbox of their own; a second secret and an end for API
 * keys; recipients of tests; and whose code is the newest where an old program names recipients instead of verifications.
 */
export const webhooks = {
  name: '0022-webhooks',
  sqlite: `
CREATE TABLE webhooks (
  id TEXT PRIMARY KEY, site_id TEXT NOT NULL REFERENCES sites, url TEXT NOT NULL, events TEXT NOT NULL, secret_sealed TEXT NOT NULL,
  previous_sealed TEXT, previous_until INTEGER, made_by TEXT NOT NULL, created_at INTEGER NOT NULL,
  paused_at INTEGER, paused_because TEXT, failing_since INTEGER, removed_at INTEGER
) STRICT;

CREATE TABLE webhook_deliveries (
  id TEXT PRIMARY KEY, webhook_id TEXT NOT NULL REFERENCES webhooks, dedupe_key TEXT NOT NULL, event TEXT NOT NULL, verification_id TEXT, body TEXT NOT NULL,
  state TEXT NOT NULL, attempts INTEGER NOT NULL, next_at INTEGER NOT NULL, created_at INTEGER NOT NULL, ended_at INTEGER, status INTEGER, fault TEXT
) STRICT;
CREATE UNIQUE INDEX webhook_deliveries_dedupe ON webhook_deliveries (webhook_id, dedupe_key);
CREATE INDEX webhook_deliveries_due ON webhook_deliveries (webhook_id, next_at) WHERE state = 'waiting';
CREATE INDEX webhook_deliveries_created ON webhook_deliveries (created_at);

ALTER TABLE api_keys ADD COLUMN ends_at INTEGER;
ALTER TABLE api_keys ADD COLUMN previous_hash TEXT;
ALTER TABLE api_keys ADD COLUMN previous_until INTEGER;
CREATE UNIQUE INDEX api_keys_previous ON api_keys (previous_hash) WHERE previous_hash IS NOT NULL;

CREATE TABLE test_recipients (
  id TEXT PRIMARY KEY, site_id TEXT NOT NULL REFERENCES sites, recipient TEXT NOT NULL, recipient_key TEXT NOT NULL, code_sealed TEXT NOT NULL,
  made_by TEXT NOT NULL, created_at INTEGER NOT NULL, expires_at INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX test_recipients_key ON test_recipients (recipient_key);

ALTER TABLE verifications ADD COLUMN is_test INTEGER NOT NULL DEFAULT 0;

CREATE TABLE compat_recipients (api_key_id TEXT NOT NULL REFERENCES api_keys, recipient_key TEXT NOT NULL, verification_id TEXT NOT NULL, forget_at INTEGER NOT NULL, PRIMARY KEY (api_key_id, recipient_key)) STRICT, WITHOUT ROWID;
CREATE INDEX compat_recipients_forget ON compat_recipients (forget_at);
`
}
