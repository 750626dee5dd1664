/**
 * Alarms: one open row for a kind and a place (`key`), which counts what happens there again. `tell_at`: when somebody is to
 * be told, null for not any more; `until`: when its cause ends by itself, where that is known. Who is told: the rules of a
 * site, JSON as in schemas/alarms.ts; no row: the rule that a new installation has.
 */
export const alarms = {
  name: '0031-alarms',
  sqlite: `
CREATE TABLE alarms (
  id TEXT PRIMARY KEY, site_id TEXT NOT NULL REFERENCES sites, kind TEXT NOT NULL, severity TEXT NOT NULL, key TEXT NOT NULL,
  controller_id TEXT NOT NULL REFERENCES controllers, access_point_id TEXT REFERENCES access_points,
  opened_at INTEGER NOT NULL, last_at INTEGER NOT NULL, times INTEGER NOT NULL, until INTEGER, details TEXT NOT NULL,
  tell_at INTEGER, told_at INTEGER, acknowledged_at INTEGER, acknowledged_by TEXT REFERENCES people, snoozed_until INTEGER, assigned_to TEXT REFERENCES people,
  ended_at INTEGER, ended_by TEXT REFERENCES people
) STRICT;
CREATE UNIQUE INDEX alarms_open ON alarms (key) WHERE ended_at IS NULL;
CREATE INDEX alarms_controller ON alarms (controller_id) WHERE ended_at IS NULL;
CREATE INDEX alarms_tell ON alarms (tell_at) WHERE tell_at IS NOT NULL;
CREATE INDEX alarms_until ON alarms (until) WHERE ended_at IS NULL AND until IS NOT NULL;
CREATE INDEX alarms_ended ON alarms (site_id, ended_at) WHERE ended_at IS NOT NULL;

CREATE TABLE alarm_rules (site_id TEXT PRIMARY KEY REFERENCES sites, version INTEGER NOT NULL, rules TEXT NOT NULL) STRICT;
`
}
