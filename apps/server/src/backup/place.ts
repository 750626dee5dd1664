import { closeSync, existsSync, fsyncSync, mkdirSync, openSync, readdirSync, readFileSync, renameSync, rmSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { parsed } from '../audit/format.ts'
import type { RecordPlace } from '../audit/source.ts'

/**
 * A restored data folder is made in `restoring/` inside it: renames there work where the folder itself is a mounted disk. The plan
 * `restoring/plan.json` appears when all of it is whole; from then on it is carried out, by whoever comes next if need be.
 */
export const STAGE = 'restoring'
const PLAN = 'plan.json'
/** A backup on its way here, from the set-up page. Rubbish after any end of the server. */
export const UPLOAD = 'uploaded.backup'

/** `note`: what the database says of this restore; `aside`: the folder that takes what is there now. `phase`: what was there goes out, then what is new comes in. */
export type Plan = { note: string, aside: string, phase: 'out' | 'in' }

/** Stays where it is: this machine's settings, its own backups, what earlier restores put aside. */
export function staysHere (name: string): boolean {
  return [STAGE, UPLOAD, 'oncekey.json', 'backups', 'last-backup', 'lost+found'].includes(name) || name.startsWith('before-restore-')
}

/** What would be replaced in a folder. */
export function whatIsThere (dataDir: string): string[] {
  return existsSync(dataDir) ? readdirSync(dataDir).filter((name) => !staysHere(name)).toSorted() : []
}

/** The plan, durable and whole or not there at all. */
export function writePlan (dataDir: string, plan: Plan): void {
  const path = join(dataDir, STAGE, PLAN)
  const file = openSync(path + '.new', 'w', 0o600)
  writeSync(file, JSON.stringify(plan))
  fsyncSync(file)
  closeSync(file)
  renameSync(path + '.new', path)
  syncNames(join(dataDir, STAGE))
}

/**
 * Carries a restore out that was whole and not yet in its place: after kill -9, or a power cut, at any moment of it. To be
 * called before anything in the data folder is opened.
 * @returns whether there was one
 */
export async function finishRestore ({ dataDir, databaseUrl }: Exclude<RecordPlace, string>): Promise<boolean> {
  const plan = readPlan(dataDir)
  if (plan === null) return false
  // PostgreSQL keeps it or does not, in a commit of its own; the keys follow that.
  if (databaseUrl !== null && plan.phase === 'out' && !await (await import('./load-postgres.ts')).hasNote(databaseUrl, plan.note)) {
    rmSync(join(dataDir, STAGE), { recursive: true, force: true })
    return false
  }
  carryOut(dataDir, plan)
  return true
}

/** Removes what a server left that ended while a backup was brought or checked: to be called when no plan is there any more. */
export function dropUnfinished (dataDir: string, { keepsUpload }: { keepsUpload: boolean }): void {
  for (const name of keepsUpload ? [STAGE] : [UPLOAD, STAGE]) rmSync(join(dataDir, name), { recursive: true, force: true })
}

function carryOut (dataDir: string, plan: Plan): void {
  if (plan.phase === 'out') {
    const old = whatIsThere(dataDir)
    if (old.length > 0) mkdirSync(join(dataDir, plan.aside), { recursive: true, mode: 0o700 })
    for (const name of old) renameSync(join(dataDir, name), join(dataDir, plan.aside, name))
    syncNames(dataDir)
    writePlan(dataDir, { ...plan, phase: 'in' })
  }
  for (const name of readdirSync(join(dataDir, STAGE))) {
    if (name.startsWith(PLAN) || (name === 'oncekey.json' && existsSync(join(dataDir, name)))) continue
    renameSync(join(dataDir, STAGE, name), join(dataDir, name))
  }
  syncNames(dataDir)
  rmSync(join(dataDir, STAGE), { recursive: true, force: true })
}

function readPlan (dataDir: string): Plan | null {
  const path = join(dataDir, STAGE, PLAN)
  if (!existsSync(path)) return null
  const { note, aside, phase }: Record<string, unknown> = { ...parsed(readFileSync(path, 'utf8')) }
  if (typeof note !== 'string' || typeof aside !== 'string' || !/^before-restore-[\w-]+$/.test(aside) || (phase !== 'out' && phase !== 'in')) {
    throw new Error(`${path} is damaged. Restore the backup once more: what is in ${join(dataDir, STAGE)} is then made anew.`)
  }
  return { note, aside, phase }
}

function syncNames (folder: string): void {
  // Not every system lets a folder be opened; there its names are durable when it says so.
  try {
    const file = openSync(folder, 'r')
    fsyncSync(file)
    closeSync(file)
  } catch { /* as above */ }
}
