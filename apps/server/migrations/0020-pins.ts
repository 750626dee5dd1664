/**
 * Standing pins: keyed hashes, and what a controller compares a typed one with while it is off line. `pin_lease_ms`: how long
 * a controller may go by what it was lent, null = not at all; `pins_until`, `pins_at`: the end of the last lease, and when it was given.
 */
export const pins = {
  name: '0020-pins',
  sqlite: `
CREATE TABLE pins (
  id TEXT PRIMARY KEY, controller_id TEXT NOT NULL REFERENCES controllers, access_point_id TEXT NOT NULL REFERENCES access_points, label TEXT NOT NULL,
  hash TEXT NOT NULL, digits INTEGER NOT NULL, verifier TEXT NOT NULL, made_by TEXT NOT NULL REFERENCES people, created_at INTEGER NOT NULL,
  ends_at INTEGER, ended_at INTEGER, used_at INTEGER, request_id TEXT
) STRICT;
CREATE UNIQUE INDEX pins_hash ON pins (hash);
CREATE INDEX pins_controller ON pins (controller_id);
CREATE INDEX pins_access_point ON pins (access_point_id);

ALTER TABLE controllers ADD COLUMN pin_lease_ms INTEGER;
ALTER TABLE controllers ADD COLUMN pins_until INTEGER;
ALTER TABLE controllers ADD COLUMN pins_at INTEGER;
`
}
