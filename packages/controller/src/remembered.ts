import { parseResult, type CommandStatus, type LockState } from '@oncekey/protocol/messages'
import { say } from './session.ts'
import { save, whole, type Remembered, type Work } from './state.ts'

/** Commands whose result is repeated instead of being carried out again. */
const LIMIT = 64

/** What came of a command, if it is one that we know. */
export function recall (work: Work, id: string): Remembered | undefined {
  return work.state.commands.find((one) => one.id === id)
}

/**
 * Remembers a command before anything is done for it. Stored as failed: that is what a power cut in the middle
 * makes of it, and a repetition after the boot then says so instead of moving the bolt a second time.
 * @returns its number
 */
export function remember (work: Work, id: string): number {
  const { commands } = work.state
  const at = (commands[commands.length - 1]?.at ?? 0) + 1
  const one: Remembered = { at, id, status: null, measured: 'unknown' }
  work.state.commands = [...commands.slice(-(LIMIT - 1)), one]
  store(work, one, 'failed')
  return at
}

/** Says what came of a command, now and whenever it is repeated. */
export function conclude (work: Work, at: number, status: CommandStatus, measured: LockState): void {
  const one = work.state.commands.find((other) => other.at === at)
  if (one === undefined) return
  const concluded = { ...one, status, measured }
  work.state.commands = work.state.commands.map((other) => other === one ? concluded : other)
  store(work, concluded, status)
  repeat(work, concluded)
}

/** Says the result (again). One that is not known yet will be said when it is. */
export function repeat (work: Work, { id, status, measured }: Remembered): void {
  if (status !== null) say(work, 'result', { id, status, measured })
}

/** One stored value a command, so that a write stays small: `c/<number mod 64>`, the number and the result. */
function store (work: Work, { at, id, measured }: Remembered, status: CommandStatus): void {
  save(work, 'c/' + String(at % LIMIT), String(at) + ' ' + JSON.stringify({ s: anySession, n: 1, id, status, measured }))
}

/** Stored results have the form of sent ones, so that one parser reads both; their session means nothing. */
const anySession = '-'.repeat(43)

/** The remembered commands as they were stored. */
export function restoreCommands (saved: Readonly<Record<string, string>>): Remembered[] {
  const commands: Remembered[] = []
  for (let i = 0; i < LIMIT; i++) {
    const text = saved['c/' + String(i)] ?? ''
    const blank = text.indexOf(' ')
    const at = whole(text.slice(0, Math.max(0, blank)))
    const result = parseResult(text.slice(blank + 1))
    if (result !== null && at > 0) commands.push({ at, id: result.id, status: result.status, measured: result.measured })
  }
  return commands.sort((a, b) => a.at - b.at)
}
