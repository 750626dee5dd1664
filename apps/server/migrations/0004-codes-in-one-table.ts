/**
 * A code is one row all its life: to spend it was a row deleted here and one written there, nine trees for each check.
 * The tables are then those of the engine's own `sqliteSchema` and `postgresSchema`.
 */
export const codesInOneTable = {
  name: '0004-codes-in-one-table',
  sqlite: `
CREATE TABLE otp_codes_before AS SELECT * FROM otp_codes;
DROP TABLE otp_codes;

CREATE TABLE otp_codes (
  tenant TEXT NOT NULL, scope TEXT NOT NULL, hash TEXT NOT NULL, generation INTEGER NOT NULL, id TEXT NOT NULL, slot TEXT NOT NULL,
  valid_from INTEGER NOT NULL, expires_at INTEGER NOT NULL, data TEXT NOT NULL,
  spent TEXT CHECK (spent IN ('used', 'expired', 'revoked', 'superseded')), spent_at INTEGER, PRIMARY KEY (tenant, scope, hash, generation)
) STRICT, WITHOUT ROWID;
CREATE INDEX otp_codes_slot ON otp_codes (tenant, slot) WHERE spent IS NULL;
CREATE INDEX otp_codes_expiry ON otp_codes (tenant, expires_at) WHERE spent IS NULL;
CREATE INDEX otp_codes_spent ON otp_codes (tenant, spent_at) WHERE spent IS NOT NULL;

INSERT INTO otp_codes (tenant, scope, hash, generation, id, slot, valid_from, expires_at, data)
  SELECT tenant, scope, hash, generation, id, slot, valid_from, expires_at, data FROM otp_codes_before;
INSERT INTO otp_codes (tenant, scope, hash, generation, id, slot, valid_from, expires_at, data, spent, spent_at)
  SELECT tenant, scope, hash, generation, id, '', 0, at, '', reason, at FROM otp_spent;
DROP TABLE otp_codes_before;
DROP TABLE otp_spent;
`
}
