/**
 * Several ways to one recipient. Of a message: `position` among those of one code; `fall_back_at`: when the next one goes unless
 * it was delivered, null = nothing follows; `provider_id`: what the other side calls it; `unsure`: tries that it may have
 * taken without an answer; `feedback`: 'due' while the other side waits to hear what became of it. Words of a site's own.
 */
export const channels = {
  name: '0021-channels',
  sqlite: `
ALTER TABLE outbox ADD COLUMN position INTEGER NOT NULL DEFAULT 0;
ALTER TABLE outbox ADD COLUMN fall_back_at INTEGER;
ALTER TABLE outbox ADD COLUMN provider_id TEXT;
ALTER TABLE outbox ADD COLUMN unsure INTEGER NOT NULL DEFAULT 0;
ALTER TABLE outbox ADD COLUMN feedback TEXT;
ALTER TABLE outbox ADD COLUMN delivered_at INTEGER;
CREATE INDEX outbox_fall_back ON outbox (fall_back_at) WHERE fall_back_at IS NOT NULL;
CREATE INDEX outbox_feedback ON outbox (created_at) WHERE feedback IS NOT NULL;

ALTER TABLE verifications ADD COLUMN channels TEXT NOT NULL DEFAULT 'email';
ALTER TABLE verifications ADD COLUMN language TEXT;
ALTER TABLE verifications ADD COLUMN country TEXT;

ALTER TABLE sites ADD COLUMN message_language TEXT NOT NULL DEFAULT 'en';
CREATE TABLE message_templates (
  site_id TEXT NOT NULL REFERENCES sites, kind TEXT NOT NULL, language TEXT NOT NULL, subject TEXT NOT NULL, text TEXT NOT NULL, changed_at INTEGER NOT NULL,
  PRIMARY KEY (site_id, kind, language)
) STRICT, WITHOUT ROWID;
`
}
