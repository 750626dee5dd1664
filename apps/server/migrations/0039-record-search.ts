/**
 * What a search in the record needs beside the first indexes: refusals by their reason, and which rows are from which ten minutes.
 * `slot`: moment / 600,000; `first_seq` and `last_seq`: the lowest and the highest row of it. Rows in between may be of
 * another slot, because clocks are set back. See audit/slots.ts and docs/decisions/0048.
 */
export const recordSearch = {
  name: '0039-record-search',
  sqlite: `
CREATE INDEX audit_reason ON audit (reason, seq) WHERE reason IS NOT NULL;
CREATE TABLE audit_slots (slot INTEGER PRIMARY KEY, first_seq INTEGER NOT NULL, last_seq INTEGER NOT NULL) STRICT;
`
}
