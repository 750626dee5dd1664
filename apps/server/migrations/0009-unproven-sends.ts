/** How many codes went to addresses that are nobody's yet, and how many such addresses were proven, by the hour (since 1970, UTC). */
export const unprovenSends = {
  name: '0009-unproven-sends',
  sqlite: `
CREATE TABLE unproven_sends (hour INTEGER PRIMARY KEY, sent INTEGER NOT NULL, proven INTEGER NOT NULL) STRICT;
`
}
