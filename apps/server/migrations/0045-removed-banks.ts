/** A bank that was removed stays for what the record and old grants say of it; its name is free. */
export const removedBanks = {
  name: '0045-removed-banks',
  sqlite: `
ALTER TABLE banks ADD COLUMN removed_at INTEGER;
DROP INDEX banks_name;
CREATE UNIQUE INDEX banks_name ON banks (site_id, lower(name)) WHERE removed_at IS NULL;
`
}
