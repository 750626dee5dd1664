/** Who is sent the codes that are asked for at a door: people, by their present address, and addresses of nobody here. */
export const doorRecipients = {
  name: '0014-door-recipients',
  sqlite: `
CREATE TABLE door_recipients (
  id TEXT PRIMARY KEY, access_point_id TEXT NOT NULL REFERENCES access_points, person_id TEXT REFERENCES people, address TEXT, channel TEXT NOT NULL,
  added_by TEXT NOT NULL REFERENCES people, created_at INTEGER NOT NULL
) STRICT;
CREATE INDEX door_recipients_point ON door_recipients (access_point_id, created_at);
CREATE UNIQUE INDEX door_recipients_person ON door_recipients (access_point_id, channel, person_id) WHERE person_id IS NOT NULL;
CREATE UNIQUE INDEX door_recipients_address ON door_recipients (access_point_id, channel, lower(address)) WHERE address IS NOT NULL;
`
}
