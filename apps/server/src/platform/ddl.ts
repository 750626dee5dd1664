/**
 * PostgreSQL's words for a schema that is written in SQLite's. Only what our migrations use: TEXT and INTEGER columns, STRICT and
 * WITHOUT ROWID tables, plain, partial and unique indexes. Texts are compared byte by byte, as SQLite does: names sort the
 * same in both, and no upgrade of the system's sorting rules breaks an index.
 */
export function postgresDdl (sqlite: string): string {
  return sqlite
    .replaceAll(/\)\s*STRICT\s*(,\s*WITHOUT ROWID)?\s*;/g, ');')
    .replaceAll(/\bINTEGER\b/g, 'BIGINT')
    .replaceAll(/\bTEXT\b/g, 'TEXT COLLATE "C"')
}
