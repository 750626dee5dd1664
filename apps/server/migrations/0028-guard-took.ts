/**
 * What the messages of a verification took and has not been given back: a letter for each, `r` for the recipient's own purse,
 * `o` for the others. So a message gives back once, whatever it was given back for.
 */
export const guardTook = {
  name: '0028-guard-took',
  sqlite: `
ALTER TABLE guard_sends ADD COLUMN took TEXT NOT NULL DEFAULT '';
`
}
