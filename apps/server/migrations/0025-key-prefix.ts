/** The first signs of a key's secret, by which people tell one from another; null: made before there were any. 18 bits of 256. */
export const keyPrefix = {
  name: '0025-key-prefix',
  sqlite: `
ALTER TABLE api_keys ADD COLUMN prefix TEXT;
`
}
