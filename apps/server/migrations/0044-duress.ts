/**
 * A second pin beside a pin: it opens the same, and calls for help. `duress_due`: how often it was typed since somebody was
 * told; whatever a pin does, the write is the same, and a loop finds what is due.
 */
export const duress = {
  name: '0044-duress',
  sqlite: `
ALTER TABLE pins ADD COLUMN duress_hash TEXT;
ALTER TABLE pins ADD COLUMN duress_verifier TEXT;
ALTER TABLE pins ADD COLUMN duress_due INTEGER NOT NULL DEFAULT 0;
CREATE UNIQUE INDEX pins_duress_hash ON pins (duress_hash) WHERE duress_hash IS NOT NULL;
CREATE INDEX pins_duress_due ON pins (id) WHERE duress_due > 0;
`
}
