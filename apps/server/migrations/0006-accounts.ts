/** Challenges of people who are not signed in: the code that proves a mailbox at registration, sign-in and recovery. */
export const accounts = {
  name: '0006-accounts',
  sqlite: `
ALTER TABLE people ADD COLUMN username TEXT;
CREATE UNIQUE INDEX people_username ON people (lower(username)) WHERE removed_at IS NULL AND username IS NOT NULL;

CREATE TABLE challenges (
  id TEXT PRIMARY KEY, site_id TEXT NOT NULL REFERENCES sites, purpose TEXT NOT NULL, person_id TEXT REFERENCES people, identity TEXT NOT NULL,
  asked_key TEXT NOT NULL, recipient TEXT NOT NULL, recipient_key TEXT NOT NULL, letter TEXT NOT NULL, form_sealed TEXT, status TEXT NOT NULL,
  created_at INTEGER NOT NULL, expires_at INTEGER NOT NULL,
  generation INTEGER NOT NULL, failures INTEGER NOT NULL, code_hash TEXT, superseded TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX challenges_created ON challenges (created_at);
CREATE INDEX challenges_pending ON challenges (expires_at) WHERE status = 'pending';
CREATE INDEX challenges_person ON challenges (person_id, created_at) WHERE person_id IS NOT NULL;

ALTER TABLE outbox ADD COLUMN challenge_id TEXT;
CREATE INDEX outbox_challenge ON outbox (challenge_id) WHERE challenge_id IS NOT NULL;
`
}
