/**
 * How the house is used, counted behind the record. `hour` and `day`: since 1970 by the clock on the wall of the site. `what`: see
 * insights/count.ts. `insight_progress`: one row; `seq` is the last row of the record that is counted, `held` what later rows may
 * need of it, `clearing` whether what was counted is being thrown away first. `battery_days`: what was measured, by day.
 */
export const insights = {
  name: '0041-insights',
  sqlite: `
CREATE TABLE insight_hours (hour INTEGER PRIMARY KEY, openings INTEGER NOT NULL) STRICT;
CREATE TABLE insight_days (what TEXT NOT NULL, day INTEGER NOT NULL, access_point_id TEXT NOT NULL, count INTEGER NOT NULL, PRIMARY KEY (what, day, access_point_id)) STRICT, WITHOUT ROWID;
CREATE TABLE insight_progress (
  id INTEGER PRIMARY KEY CHECK (id = 1), seq INTEGER NOT NULL, time INTEGER NOT NULL, way INTEGER NOT NULL, time_zone TEXT NOT NULL, clearing INTEGER NOT NULL, held TEXT NOT NULL
) STRICT;
CREATE TABLE battery_days (controller_id TEXT NOT NULL REFERENCES controllers, day INTEGER NOT NULL, samples INTEGER NOT NULL, millivolts INTEGER NOT NULL, PRIMARY KEY (controller_id, day)) STRICT, WITHOUT ROWID;
`
}
