/**
 * Codes that are asked for at a door, whoever drives it: an old program or a controller of ours. `door_mode` of an access
 * point: what asking there leads to; null: nothing. `door_makes`: its controller makes the codes itself. `waiting` is a
 * request that nobody has decided on yet; the index is the last word on one live code a door.
 */
export const doorCodes = {
  name: '0016-door-codes',
  sqlite: `
CREATE TABLE door_codes (
  id TEXT PRIMARY KEY, site_id TEXT NOT NULL REFERENCES sites, controller_id TEXT NOT NULL REFERENCES controllers, access_point_id TEXT NOT NULL REFERENCES access_points,
  mode TEXT NOT NULL, state TEXT NOT NULL, request_id TEXT, otp_id TEXT UNIQUE, cancel_hash TEXT UNIQUE, reached INTEGER,
  created_at INTEGER NOT NULL, expires_at INTEGER NOT NULL, ended_at INTEGER
) STRICT;
CREATE UNIQUE INDEX door_codes_live ON door_codes (access_point_id) WHERE state IN ('waiting', 'issued');
CREATE INDEX door_codes_point ON door_codes (access_point_id, created_at);
CREATE INDEX door_codes_due ON door_codes (expires_at) WHERE state IN ('waiting', 'issued');
INSERT INTO door_codes SELECT c.id, d.site_id, c.controller_id, c.access_point_id, c.mode, CASE c.state WHEN 'used' THEN 'used' ELSE 'expired' END, NULL, c.otp_id, NULL, 0,
  c.created_at, c.expires_at, coalesce(c.ended_at, c.expires_at) FROM compat_codes c JOIN controllers d ON d.id = c.controller_id;
DROP TABLE compat_codes;

ALTER TABLE access_points ADD COLUMN door_mode TEXT;
ALTER TABLE access_points ADD COLUMN door_makes INTEGER NOT NULL DEFAULT 0;
`
}
