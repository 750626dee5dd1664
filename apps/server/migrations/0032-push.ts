/**
 * Browsers that show notifications. `sealed`: where they are reached and by which keys (JSON), because whoever knows the address
 * can write there; `endpoint_hash`: SHA-256 of it, one row for each browser.
 */
export const push = {
  name: '0032-push',
  sqlite: `
CREATE TABLE push_subscriptions (
  id TEXT PRIMARY KEY, person_id TEXT NOT NULL REFERENCES people, endpoint_hash TEXT NOT NULL, sealed TEXT NOT NULL, agent TEXT NOT NULL, created_at INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX push_subscriptions_endpoint ON push_subscriptions (endpoint_hash);
CREATE INDEX push_subscriptions_person ON push_subscriptions (person_id);
`
}
