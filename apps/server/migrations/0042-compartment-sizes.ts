/** What somebody reads on a compartment's drawing: its size in its maker's words, and how high above the floor it begins. */
export const compartmentSizes = {
  name: '0042-compartment-sizes',
  sqlite: `
ALTER TABLE access_points ADD COLUMN size TEXT;
ALTER TABLE access_points ADD COLUMN height_mm INTEGER;
`
}
