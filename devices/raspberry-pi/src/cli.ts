import { readFileSync } from 'node:fs'
import { getCACertificates, setDefaultCACertificates } from 'node:tls'
import { parseArgs } from 'node:util'
import { openBoard } from './board.ts'
import { runPi } from './pi.ts'

const usage = `A door on a Raspberry Pi.

  --server URL     the server, like https://keys.example.org:8443
  --folder PATH    what this box is and remembers; default /var/lib/oncekey-door
  --ca FILE        the server's own authority (PEM; the server gives it at /ca.pem)`

/** Runs until it is told to end. Returns the exit code when it can not begin. */
export function main (args: readonly string[], print: (line: string) => void): number | null {
  const { values } = parseArgs({ args: [...args], options: { server: { type: 'string' }, folder: { type: 'string' }, ca: { type: 'string' }, help: { type: 'boolean', short: 'h' } } })
  if (values.help === true || values.server === undefined) {
    print(usage)
    return values.help === true ? 0 : 2
  }
  if (values.ca !== undefined) setDefaultCACertificates([...getCACertificates('default'), readFileSync(values.ca, 'utf8')])
  const pins = openBoard()
  const pi = runPi({
    server: values.server, folder: values.folder ?? '/var/lib/oncekey-door', pins,
    onClaimCode: (code) => { print(`Claim code: ${code.slice(0, 4)}-${code.slice(4, 8)}-${code.slice(8)}`) },
    // The service starts it again: as after a power cut, everything begins from what was stored.
    onFailure (error) {
      print(error instanceof Error ? error.message : String(error))
      end(1)
    }
  })
  for (const name of ['SIGINT', 'SIGTERM'] as const) process.once(name, () => { end(0) })
  return null

  function end (code: number): void {
    pi.stop()
    pins.close()
    process.exitCode = code
  }
}
