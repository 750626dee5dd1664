/** What a controller does about its doors and its battery, as JSON (null: the defaults), and the level that the battery is at. */
export const policies = {
  name: '0017-policies',
  sqlite: `
ALTER TABLE controllers ADD COLUMN policies TEXT;
ALTER TABLE controllers ADD COLUMN battery_level TEXT NOT NULL DEFAULT 'ok';
`
}
