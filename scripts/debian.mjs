// Debian's packages, where this process may install them.
import { spawnSync } from 'node:child_process'

/** True as root on Debian and its kin. */
export function canInstall () {
  return process.getuid?.() === 0 && spawnSync('apt-get', ['--version']).status === 0
}

/** Installs packages, without what they only recommend. @param what whom it is for, said in the log */
export function install (what, ...packages) {
  console.log(`\n== For ${what}: apt-get install ${packages.join(' ')}`)
  const quiet = { stdio: ['ignore', 'ignore', 'inherit'], env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' } }
  // Several tests may need something at once, and Debian's manager refuses who comes second.
  spawnSync('flock', ['/var/lib/apt', 'sh', '-c', 'apt-get update -qq; apt-get install -y -qq --no-install-recommends "$@"', 'sh', ...packages], quiet)
}
