/**
 * People who have access together. What is given to a group is a row of `people_group_grants`, for an access point or for all of a
 * bank; each member has a grant of their own for each access point of it, which names it in `group_grant_id`. See docs/decisions/0044.
 */
export const peopleGroups = {
  name: '0035-people-groups',
  sqlite: `
CREATE TABLE people_groups (id TEXT PRIMARY KEY, site_id TEXT NOT NULL REFERENCES sites, name TEXT NOT NULL, created_at INTEGER NOT NULL) STRICT;
CREATE UNIQUE INDEX people_groups_name ON people_groups (site_id, lower(name));

CREATE TABLE people_group_members (
  group_id TEXT NOT NULL REFERENCES people_groups, person_id TEXT NOT NULL REFERENCES people, joined_at INTEGER NOT NULL,
  PRIMARY KEY (group_id, person_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX people_group_members_person ON people_group_members (person_id);

CREATE TABLE people_group_grants (
  id TEXT PRIMARY KEY, group_id TEXT NOT NULL, group_name TEXT NOT NULL, access_point_id TEXT REFERENCES access_points, bank_id TEXT REFERENCES banks,
  starts_at INTEGER, ends_at INTEGER, schedule TEXT, max_uses INTEGER, given_by TEXT NOT NULL, created_at INTEGER NOT NULL, ended_at INTEGER
) STRICT;
CREATE INDEX people_group_grants_group ON people_group_grants (group_id) WHERE ended_at IS NULL;
CREATE INDEX people_group_grants_bank ON people_group_grants (bank_id) WHERE ended_at IS NULL;
CREATE INDEX people_group_grants_point ON people_group_grants (access_point_id) WHERE ended_at IS NULL;

ALTER TABLE grants ADD COLUMN group_grant_id TEXT REFERENCES people_group_grants;
CREATE UNIQUE INDEX grants_of_group ON grants (group_grant_id, person_id, access_point_id) WHERE group_grant_id IS NOT NULL AND ended_at IS NULL;
`
}
