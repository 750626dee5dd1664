/** As people are listed from now on: whoever comes in by a provider was not invited, or is no more. */
const STATE = "CASE WHEN suspended_at IS NOT NULL THEN 'suspended' WHEN password_hash IS NULL AND by_provider = 0 THEN 'invited' ELSE 'active' END"

/** Who somebody is at a provider of sign-ins (OpenID Connect). */
export const providers = {
  name: '0011-providers',
  sqlite: `
CREATE TABLE provider_identities (
  issuer TEXT NOT NULL, subject TEXT NOT NULL, id TEXT NOT NULL, person_id TEXT NOT NULL REFERENCES people, created_at INTEGER NOT NULL, last_used_at INTEGER NOT NULL,
  PRIMARY KEY (issuer, subject)
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX provider_identities_person ON provider_identities (person_id, issuer);

ALTER TABLE people ADD COLUMN by_provider INTEGER NOT NULL DEFAULT 0;
DROP INDEX people_listed;
CREATE INDEX people_listed ON people (site_id, role, (${STATE}), name_key, id) WHERE removed_at IS NULL;
`
}
