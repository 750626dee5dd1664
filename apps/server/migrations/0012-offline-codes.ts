/**
 * Codes that doors check without us: rows of `codes`, with what they are called at their door. `offline_clock`: whether a
 * controller takes them, and how well it has to know the time.
 */
export const offlineCodes = {
  name: '0012-offline-codes',
  sqlite: `
ALTER TABLE controllers ADD COLUMN offline_clock TEXT;

CREATE TABLE offline_codes (
  code_id TEXT PRIMARY KEY REFERENCES codes, controller_id TEXT NOT NULL REFERENCES controllers, lock INTEGER NOT NULL,
  kind INTEGER NOT NULL, slot INTEGER NOT NULL, serial INTEGER NOT NULL, over_slot INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX offline_codes_name ON offline_codes (controller_id, lock, slot, kind, serial);
CREATE INDEX offline_codes_over ON offline_codes (controller_id, over_slot);
`
}
