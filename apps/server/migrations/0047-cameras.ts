/**
 * Cameras at access points, and what they saw. `url_sealed`, `sealed`: see cameras/. `causes`: words with a space between;
 * `seq`: of the row of the record that it belongs to, null where the record must not tell.
 */
export const cameras = {
  name: '0047-cameras',
  sqlite: `
CREATE TABLE cameras (
  access_point_id TEXT PRIMARY KEY REFERENCES access_points, host TEXT NOT NULL, sealed TEXT NOT NULL, causes TEXT NOT NULL, keep_days INTEGER NOT NULL, made_at INTEGER NOT NULL,
  last_at INTEGER, fault TEXT
) STRICT;

CREATE TABLE camera_pictures (
  id TEXT PRIMARY KEY, access_point_id TEXT NOT NULL REFERENCES access_points, seq INTEGER, cause TEXT NOT NULL, taken_at INTEGER NOT NULL, ends_at INTEGER NOT NULL, sealed TEXT NOT NULL
) STRICT;
CREATE INDEX camera_pictures_point ON camera_pictures (access_point_id, taken_at);
CREATE INDEX camera_pictures_end ON camera_pictures (ends_at);
`
}
