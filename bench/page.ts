import { cpus, loadavg } from 'node:os'
import type { Figure } from './figures.ts'

/** What the figures were measured on; `load`: processes that wanted to run, of the last minute. */
export type Setting = { date: string, cpu: string, cores: number, node: string, load: number }

export function setting (): Setting {
  return { date: new Date().toISOString().slice(0, 16).replace('T', ' '), cpu: cpus()[0]?.model ?? 'unknown', cores: cpus().length, node: process.versions.node, load: loadavg()[0] ?? 0 }
}

/** One figure for a terminal. */
export function line (figure: Figure): string {
  return `${figure.name.padEnd(34)} ${String(figure.ours).padStart(8)} ${figure.unit}   ${figure.ratio.toFixed(2)} x ${figure.peerIs} (${figure.peer} ${figure.unit})`
}

/** All figures as Markdown. */
export function page (figures: readonly Figure[], before: Setting, after: Setting): string {
  return `# Benchmarks
Written by \`npm run bench -- --page=docs/benchmarks.md\`: medians of several runs, each beside a peer that was measured in turns with it, in the same minutes. Look at the ratios; the numbers beside them are those of one machine on one day.

${before.date} UTC · ${before.cpu}, ${before.cores} cores · Node ${before.node} · load ${before.load.toFixed(1)} at the beginning, ${after.load.toFixed(1)} at the end${Math.max(before.load, after.load) > before.cores ? ' **(more than there are cores: other programs were at work, so throughput and waiting times are worse than alone)**' : ''}

| what | Oncekey | the other | ratio | the other is |
|---|---:|---:|---:|---|
${figures.map((one) => `| ${one.name} | ${one.ours} ${one.unit} | ${one.peer} ${one.unit} | ${one.ratio.toFixed(2)} | ${one.peerIs} |`).join('\n')}

A start is \`POST /api/v1/verifications\` with an address: it looks up key and the day's sends, makes a code, puts its sealed message into the outbox, appends to the chained record, and answers after the durable commit (SQLite in WAL mode, synchronous FULL). Mails are held up while starts are measured; *start and its mail* is the CPU until the last of them is sent by SMTP and noted in the record. The others send none: they hand the code back or keep it in memory.

A check is \`POST /api/v1/verifications/{id}/check\` with the right code: it looks up key, challenge and the recipient's failures of the day, compares, uses the code up, appends to the chained record, and answers after the durable commit. CPU is user and system time of all processes of a server, from \`/proc\`. On PostgreSQL each query of a check is a round trip of its own, and its processes count as ours. *The least* is bench/peers/least.mjs: the same framework, database and durability with a key, a sealed message, a spacing of sends and a chained record by hand in one file, and without limits by recipient and day, the fraud guard, webhooks, figures, other ways than mail, resends, tests, a second database: the floor that the parts have. Better Auth also makes a user and a session at its first sign-in, and is durable as we are; Flask and Redis keep nothing on disk, count no tries and write no record.

A check by the Redis store alone is one program with one connection and 64 checks at once, without HTTP and nothing kept on disk: an HMAC, the decision, and the script that uses the code up. redis-benchmark runs the same script with the words of such a check. *Code of another program*: the checker knows nothing of the challenge and asks twice.

Keypad to bolt is the time from the \`#\` at a keypad to the command to its bolt: a sealed question over MQTT, the check of the code, its durable commit, a sealed answer. One controller: 160 entries, four a second, after 160 for the compilers; 500 controllers: 1,000 entries, a hundred a second in all. The echo is a message of the same size there and back through a bare broker (aedes) from another connection, between the entries. At these paces both ends sleep in between, so much of either figure is the machine waking up.
`
}
