import { figure, type Figure } from './figures.ts'
import { measure, type Measured } from './measure.ts'
import { startOncekey } from './oncekey.ts'
import { bareAccount } from './peers.ts'

/** Requests of a round: about a second of work. */
const READS = 8000
const SIGN_INS = Number(process.env['ONCEKEY_BENCH_CHECKS'] ?? 2000)
/** A sign-in can be done once; the bare route gets the same list so many times: CPU is read in hundredths of a second, and 2,000 of its answers take a tenth. */
const BARE_TURNS = 4
const ROUNDS = 5
const WARM_UP = 3

/**
 * What an account costs: reading who is signed in, by the session's cookie; and signing in by a mailed code, which checks
 * the code, uses it up, starts a session and puts it on record, durable. CPU against bare routes of the same method, path and
 * body, round by round in turns. Passwords are left out: hashing them is meant to be dear.
 */
export async function* accounts (): AsyncGenerator<Figure> {
  const ours = await startOncekey()
  const entrance = await startOncekey({ behindProxy: true })
  const bare = await bareAccount()
  try {
    const rounds: Record<'reads' | 'bareReads' | 'signIns' | 'bareSignIns', Measured[]> = { reads: [], bareReads: [], signIns: [], bareSignIns: [] }
    for (let round = 1 - WARM_UP; round <= ROUNDS; round++) {
      const reads = ours.reads(READS)
      const signIns = await entrance.signIns(SIGN_INS)
      // Mails are noted as sent, the record is signed.
      await new Promise((resolve) => { setTimeout(resolve, 1500) })
      const measured = {
        reads: await measure(ours, reads, 'bench@bench.example'), bareReads: await measure(bare, reads, 'somebody'),
        signIns: await measure(entrance, signIns, 'signedIn'), bareSignIns: await measure(bare, Array.from({ length: BARE_TURNS }, () => signIns).flat(), 'signedIn')
      }
      if (round <= 0) continue
      for (const name of ['reads', 'bareReads', 'signIns', 'bareSignIns'] as const) rounds[name].push(measured[name])
    }
    const cpu = (list: Measured[]): number[] => list.map((one) => one.cpuMicros)
    yield figure('session read, CPU', 'µs', 'a bare Fastify route', cpu(rounds.reads), cpu(rounds.bareReads))
    yield figure('code check and new session, CPU', 'µs', 'a bare Fastify route', cpu(rounds.signIns), cpu(rounds.bareSignIns))
  } finally {
    await ours.stop()
    await entrance.stop()
    await bare.stop()
  }
}
