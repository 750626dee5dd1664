// Runs commands one after another with a headline and a time each; stops at the first that fails.
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'

export const root = join(import.meta.dirname, '..')

/** Runs one command in the project's root (or `cwd`), its output shown. Returns true when it ended well. */
export function run (title, command, args, { cwd = root, env = {}, quiet = false } = {}) {
  const begun = performance.now()
  console.log(`\n== ${title}`)
  const done = spawnSync(command, args, {
    cwd, env: { ...process.env, ...env }, encoding: 'utf8', maxBuffer: 64e6, stdio: quiet ? 'pipe' : 'inherit'
  })
  const seconds = ((performance.now() - begun) / 1000).toFixed(1)
  if (done.status !== 0) {
    if (quiet) console.log(done.stdout + done.stderr)
    console.log(`== ${title}: FAILED (${done.error?.message ?? `exit code ${done.status ?? done.signal}`}, ${seconds} s)`)
    return false
  }
  console.log(`== ${title}: ok (${seconds} s)`)
  return true
}

/** Path of a development tool's own script, to be run by this very Node. */
export function tool (path) {
  return join(root, 'node_modules', path)
}

/** Runs all steps, also after one has failed; then exits with 1 if any did. */
export async function runAll (steps) {
  let isWell = true
  for (const step of steps) isWell = await step() && isWell
  if (!isWell) process.exit(1)
}
