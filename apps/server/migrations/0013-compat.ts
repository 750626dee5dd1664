/** Old programs that speak HTTP: what lets one in, and the codes that are asked for at their doors. */
export const compat = {
  name: '0013-compat',
  sqlite: `
CREATE TABLE compat_tokens (
  id TEXT PRIMARY KEY, site_id TEXT NOT NULL REFERENCES sites, controller_id TEXT NOT NULL REFERENCES controllers, contract TEXT NOT NULL, token_hash TEXT NOT NULL,
  device_url TEXT, made_by TEXT NOT NULL, created_at INTEGER NOT NULL, last_used_at INTEGER, revoked_at INTEGER
) STRICT;
CREATE UNIQUE INDEX compat_tokens_hash ON compat_tokens (token_hash);
CREATE INDEX compat_tokens_controller ON compat_tokens (controller_id);

CREATE TABLE compat_codes (
  id TEXT PRIMARY KEY, controller_id TEXT NOT NULL REFERENCES controllers, access_point_id TEXT NOT NULL REFERENCES access_points, mode TEXT NOT NULL, state TEXT NOT NULL,
  otp_id TEXT NOT NULL UNIQUE, created_at INTEGER NOT NULL, expires_at INTEGER NOT NULL, ended_at INTEGER
) STRICT;
CREATE INDEX compat_codes_controller ON compat_codes (controller_id, created_at);
`
}
