/** One line of JSON each, to standard error; never a code, a password, a token or a whole request. */
export type Log = {
  info: (message: string, facts?: Record<string, unknown>) => void
  warn: (message: string, facts?: Record<string, unknown>) => void
  error: (message: string, facts?: Record<string, unknown>) => void
}

export function createLog (write: (line: string) => void = (line) => { process.stderr.write(line + '\n') }, clock: () => number = Date.now): Log {
  const at = (level: string) => (message: string, facts: Record<string, unknown> = {}): void => {
    write(JSON.stringify({ time: new Date(clock()).toISOString(), level, message, ...facts }, plain))
  }
  return { info: at('info'), warn: at('warn'), error: at('error') }
}

function plain (_key: string, value: unknown): unknown {
  return value instanceof Error ? { name: value.name, message: value.message, stack: value.stack, cause: value.cause } : value
}
