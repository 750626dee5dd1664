/**
 * Orders that stand until somebody ends them: a hold, a lockdown, an evacuation; of an access point, a bank, or (neither) a
 * site. What they make of an access point is in its own row, because every entry asks for it: see standing-orders/settle.ts.
 * `settings_heard`: the newest version of its settings that a controller said it goes by. `order_id` of a command: the
 * evacuation that it unlocks for.
 */
export const standingOrders = {
  name: '0029-standing-orders',
  sqlite: `
CREATE TABLE standing_orders (
  id TEXT PRIMARY KEY, site_id TEXT NOT NULL REFERENCES sites, kind TEXT NOT NULL, bank_id TEXT REFERENCES banks, access_point_id TEXT REFERENCES access_points,
  reason TEXT NOT NULL, given_by TEXT NOT NULL REFERENCES people, given_at INTEGER NOT NULL, ended_at INTEGER
) STRICT;
CREATE INDEX standing_orders_live ON standing_orders (site_id, given_at) WHERE ended_at IS NULL;

ALTER TABLE access_points ADD COLUMN standing TEXT;
ALTER TABLE access_points ADD COLUMN standing_order TEXT;
ALTER TABLE controllers ADD COLUMN settings_heard INTEGER NOT NULL DEFAULT 0;
ALTER TABLE commands ADD COLUMN order_id TEXT;
CREATE INDEX access_points_standing ON access_points (site_id, standing) WHERE standing IS NOT NULL;
CREATE INDEX commands_order ON commands (order_id, access_point_id) WHERE order_id IS NOT NULL;
`
}
