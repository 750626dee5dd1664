// Installs what xs/ needs, while other tests run: an engine that is compiled when it is installed, in about a minute.
import { spawn, spawnSync } from 'node:child_process'
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs'
import { getPriority, setPriority, tmpdir } from 'node:os'
import { join } from 'node:path'
import { canInstall, install } from './debian.mjs'
import { root } from './steps.mjs'

const folder = join(root, 'xs')

/**
 * Begins at once, unless it is there already. Without a C compiler it gets one, or says what to install.
 * @returns {() => Promise<boolean>} waits for the end; false when it went wrong, which was said then
 */
export function beginXs () {
  const version = wanted()
  if (installed() === version) return async () => true
  if (!canCompile() && canInstall()) install('the XS engine', 'gcc', 'libc6-dev', 'make')
  if (!canCompile()) {
    return async () => {
      console.error('\n== The XS engine is compiled when it is installed. Install a C compiler and make ("sudo apt-get install build-essential").')
      return false
    }
  }
  const logs = mkdtempSync(join(tmpdir(), 'oncekey-xs-'))
  // A file, because nobody reads a pipe while a part of the tests runs.
  const log = openSync(join(logs, 'log'), 'w')
  const child = spawn('npm', ['ci', '--no-audit', '--no-fund'], { cwd: folder, env: ownEnvironment(), stdio: ['ignore', log, log] })
  closeSync(log)
  // It has time until its tests come, and takes none from those that have not.
  if (child.pid !== undefined && getPriority() < 10) setPriority(child.pid, 10)
  const ended = new Promise((resolve) => {
    child.once('error', (error) => resolve(error.message))
    child.once('exit', (code, signal) => resolve(code === 0 ? null : `exit code ${code ?? signal}`))
  })
  return async () => {
    const waited = performance.now()
    const fault = await ended
    const isWell = fault === null && installed() === version
    const seconds = ((performance.now() - waited) / 1000).toFixed(1)
    console.log(`\n== the XS engine, installed beside other parts: ${isWell ? `ok (waited ${seconds} s)` : `FAILED (${fault ?? 'its program is not there'})\n${readFileSync(join(logs, 'log'), 'utf8')}`}`)
    rmSync(logs, { recursive: true, force: true })
    return isWell
  }
}

function canCompile () {
  return ['cc', 'make'].every((name) => spawnSync(name, ['--version']).status === 0)
}

function wanted () {
  return JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')).dependencies['@agoric/xsnap']
}

/** The version that was compiled, by its own word; null when there is none that runs. */
function installed () {
  const platform = process.platform === 'darwin' ? 'mac' : 'lin'
  const program = join(folder, 'node_modules/@agoric/xsnap/xsnap-native/xsnap/build/bin', platform, 'release/xsnap-worker')
  return /^xsnap (\S+)/.exec(spawnSync(program, ['-v'], { encoding: 'utf8' }).stdout ?? '')?.[1] ?? null
}

/** npm tells its scripts where it is; another npm in another folder must not hear that. */
function ownEnvironment () {
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^npm_(package|lifecycle|config_local_prefix)/.test(name)))
}
