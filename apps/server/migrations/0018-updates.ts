/** Signed images for controllers, whose signatures count, and how far each image is on its way to whom. */
export const updates = {
  name: '0018-updates',
  sqlite: `
CREATE TABLE image_keys (
  id TEXT PRIMARY KEY, site_id TEXT NOT NULL REFERENCES sites, public_key TEXT NOT NULL, name TEXT NOT NULL, created_at INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX image_keys_key ON image_keys (site_id, public_key);

CREATE TABLE images (
  id TEXT PRIMARY KEY, site_id TEXT NOT NULL REFERENCES sites, version TEXT NOT NULL, minimum TEXT NOT NULL, hardware TEXT NOT NULL, size INTEGER NOT NULL,
  sha256 TEXT NOT NULL, public_key TEXT NOT NULL, signature TEXT NOT NULL, uploaded_by TEXT NOT NULL, created_at INTEGER NOT NULL, removed_at INTEGER
) STRICT;
CREATE UNIQUE INDEX images_version ON images (site_id, hardware, version) WHERE removed_at IS NULL;

CREATE TABLE rollouts (
  id TEXT PRIMARY KEY, site_id TEXT NOT NULL REFERENCES sites, image_id TEXT NOT NULL REFERENCES images, state TEXT NOT NULL, halted_by TEXT,
  stages TEXT NOT NULL, stage INTEGER NOT NULL, settled_at INTEGER, pause_ms INTEGER NOT NULL, most_failures INTEGER NOT NULL,
  started_by TEXT NOT NULL, created_at INTEGER NOT NULL, ended_at INTEGER
) STRICT;
CREATE INDEX rollouts_open ON rollouts (site_id) WHERE ended_at IS NULL;

CREATE TABLE rollout_controllers (
  rollout_id TEXT NOT NULL REFERENCES rollouts, controller_id TEXT NOT NULL REFERENCES controllers, place INTEGER NOT NULL,
  state TEXT NOT NULL, outcome TEXT, offer INTEGER, changed_at INTEGER NOT NULL,
  PRIMARY KEY (rollout_id, controller_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX rollout_controllers_controller ON rollout_controllers (controller_id);

ALTER TABLE controllers ADD COLUMN update_offer INTEGER NOT NULL DEFAULT 0;
`
}
