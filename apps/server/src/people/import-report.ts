import type { RowFault } from '@oncekey/protocol/schemas'
import type { House } from '../house.ts'
import { csvOf } from '../platform/csv.ts'
import type { Outcome } from './import-state.ts'

const results: Record<Outcome[3], string> = { added: 'added', here: 'already here', refused: 'not added' }
/** What to do about a row, for whoever mends the file. */
const cures: Record<RowFault, string> = {
  nameMissing: 'The name is missing.',
  nameWrong: 'A name has 1 to 80 characters, no line breaks and none that turn its direction.',
  emailMissing: 'The e-mail address is missing.',
  emailWrong: 'This is no e-mail address.',
  usernameWrong: 'A user name has 3 to 32 of a-z, 0-9 and single . _ - between them.',
  roleWrong: 'A role is member, operator, admin or owner; empty means member.',
  roleAbove: 'Nobody gives a role above their own.',
  emailTwice: 'An earlier row has this address.',
  usernameTwice: 'An earlier row has this user name.',
  usernameTaken: 'Somebody else has this user name.',
  groupUnknown: 'There is no group of this name; make it first. Several have | between them.'
}

/** Line by line, as the file had them: what became of each row, and what to do about it. Safe to open in a spreadsheet. */
export async function reportOf (house: House, importId: string): Promise<string> {
  const parts = await house.db.read.selectFrom('people_import_parts').select('rows').where('import_id', '=', importId).orderBy('part').execute()
  const outcomes = parts.flatMap(({ rows }): Outcome[] => JSON.parse(rows)).sort((a, b) => a[0] - b[0])
  const lines = [['line', 'name', 'email', 'result', 'what to do'], ...outcomes.map(([line, name, email, result, fault]) => [String(line), name, email, results[result], cureOf(fault)])]
  return csvOf(lines)
}

function cureOf (fault: string): string {
  return Object.entries(cures).find(([name]) => name === fault)?.[1] ?? ''
}
