import { apiKey } from './api-key.ts'
import { exportAudit, printAuditKey } from './export-audit.ts'
import { verifyAudit } from './verify-audit.ts'
import { backup } from './backup.ts'
import { restore } from './restore.ts'
import { doctor } from './doctor.ts'
import { image } from './image.ts'
import { start } from './start.ts'

const usage = `Usage: oncekey <command>

  start                  run the server (settings: ONCEKEY_*, see README)
  doctor                 look at every part: what is the matter, and the cure; --hardening: what would make it safer;
                         --json; --mail-to ADDRESS sends a test message; --wait SECONDS for one part
  health                 what the running server says of its parts; exit code 1 when one of them fails
  audit verify [FILE]    check the record, or an exported file of it (then nothing else is needed);
                         --checkpoint FILE: also against what a witness kept; --public-key KEY: of whom it must be
  audit export FILE      write the record to a file that anybody can check; --from ROW, --to ROW
  audit key              print the public key that checks checkpoints and exports
                         (each of them: --data-dir DIR for another data folder)
  backup FILE            write everything to a file, beside a running server; --passphrase-file FILE encrypts it;
                         --check: read the file as a restore does, and change nothing
  restore FILE           put it back on an empty machine, with no server on it (- takes it from standard input);
                         --passphrase-file FILE; --replace: keep what is there beside it; see docs/backup.md
  user …                 people: list, invite, reset, role, suspend, resume, sign-out, forget-factors; see docs/command.md
  apikey create          make an API key for another program: --name NAME
  image key FILE         make the key that signs programs for controllers
  image sign IMAGE       sign one: --version 1.2.3 --hardware NAME --key FILE; see docs/updates.md
  image check FILE       look at a signed one
  faces …                faces: install, evaluate, attack; see docs/faces.md
  simulate …             doors without hardware, one or thousands; simulate --help; only in a clone
  help                   this text
`

/** Runs one command; returns the exit code. Unknown words name the cure and change nothing. */
export async function run (words: string[]): Promise<number> {
  const [command, ...rest] = words
  if (command === 'start') return start(rest)
  if (command === 'doctor') return doctor(rest)
  if (command === 'audit' && rest[0] === 'verify') return verifyAudit(rest.slice(1))
  if (command === 'backup') return backup(rest)
  if (command === 'restore') return restore(rest)
  if (command === 'image') return image(rest)
  if (command === 'apikey') return apiKey(rest)
  if (command === 'user') return (await import('./user.ts')).user(rest)
  if (command === 'faces') return (await import('./faces.ts')).faces(rest)
  if (command === 'simulate') return (await import('./simulate.ts')).simulate(rest)
  if (command === 'audit' && rest[0] === 'export') return exportAudit(rest.slice(1))
  if (command === 'audit' && rest[0] === 'key') return printAuditKey(rest.slice(1))
  if (command === undefined || command === 'help' || command === '--help') {
    console.log(usage)
    return 0
  }
  const named = words.slice(0, words.findIndex((word) => word.startsWith('-')) >>> 0)
  // Last, where whoever typed it looks.
  console.error(`${usage}\nThere is no command "${named.join(' ')}".`)
  return 2
}
