/**
 * When a grant holds in a week (`schedule`, JSON as in schemas/grants.ts, null: always), how many openings it is good for
 * (`max_uses`, null: any number) and was used for; dates on which schedules do not hold; grants that ended, for whoever asks
 * what became of them.
 */
export const grantSchedules = {
  name: '0027-grant-schedules',
  sqlite: `
ALTER TABLE grants ADD COLUMN schedule TEXT;
ALTER TABLE grants ADD COLUMN max_uses INTEGER;
ALTER TABLE grants ADD COLUMN uses INTEGER NOT NULL DEFAULT 0;
CREATE INDEX grants_ended ON grants (person_id, access_point_id, ended_at) WHERE ended_at IS NOT NULL;

CREATE TABLE holidays (id TEXT PRIMARY KEY, site_id TEXT NOT NULL REFERENCES sites, date TEXT NOT NULL, name TEXT NOT NULL) STRICT;
CREATE UNIQUE INDEX holidays_date ON holidays (site_id, date);
`
}
