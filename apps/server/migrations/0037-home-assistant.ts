/**
 * The connection to Home Assistant's broker, one for a site; `held_by`: the process that keeps it. Access points that may be
 * commanded from there, each in the name of the person who allowed it; and which program asked for a command; and who answers for a key.
 */
export const homeAssistant = {
  name: '0037-home-assistant',
  sqlite: `
CREATE TABLE home_assistant (
  site_id TEXT PRIMARY KEY REFERENCES sites, is_on INTEGER NOT NULL, is_leaving INTEGER NOT NULL DEFAULT 0, host TEXT NOT NULL, port INTEGER NOT NULL, is_tls INTEGER NOT NULL, ca TEXT,
  user_name TEXT NOT NULL, password_sealed TEXT, prefix TEXT NOT NULL, changed_at INTEGER NOT NULL, held_by TEXT, held_until INTEGER NOT NULL DEFAULT 0
) STRICT;

CREATE TABLE home_assistant_commands (access_point_id TEXT PRIMARY KEY REFERENCES access_points, person_id TEXT NOT NULL REFERENCES people, allowed_at INTEGER NOT NULL) STRICT;

ALTER TABLE commands ADD COLUMN program TEXT;
ALTER TABLE api_keys ADD COLUMN made_by_id TEXT;
`
}
