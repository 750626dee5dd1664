/**
 * In which language somebody is written to: what a person chose (null: nothing), and what was chosen for a recipient of a
 * door's codes. Groups of controllers, and roll-outs that go by them: `groups` has their names as JSON, null for those in
 * none of them; `stage` is a controller's place among them. Who may say yes to somebody who asks at a door.
 */
export const languagesGroupsApprovers = {
  name: '0019-languages-groups-approvers',
  sqlite: `
ALTER TABLE people ADD COLUMN language TEXT;
ALTER TABLE door_recipients ADD COLUMN language TEXT NOT NULL DEFAULT 'en';
ALTER TABLE controllers ADD COLUMN update_group TEXT;
ALTER TABLE rollouts ADD COLUMN groups TEXT;
ALTER TABLE rollout_controllers ADD COLUMN stage INTEGER;

CREATE TABLE door_approvers (
  access_point_id TEXT NOT NULL REFERENCES access_points, person_id TEXT NOT NULL REFERENCES people, created_at INTEGER NOT NULL,
  PRIMARY KEY (access_point_id, person_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX door_approvers_person ON door_approvers (person_id);
`
}
