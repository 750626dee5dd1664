/**
 * Verifications of the demo page. `visitor`: a hash of whose browser began it, '' for those of programs, which never see the
 * others. The index is of those alone, so the others pay nothing for it.
 */
export const demo = {
  name: '0026-demo',
  sqlite: `
ALTER TABLE verifications ADD COLUMN visitor TEXT NOT NULL DEFAULT '';
CREATE INDEX verifications_visitor ON verifications (created_at) WHERE visitor <> '';
`
}
