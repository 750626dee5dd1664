// Prometheus' own judge of metrics, for tests.
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { canInstall, install } from './debian.mjs'

/**
 * What `promtool check metrics` says of a text: nothing, where all is well.
 * @returns {{ code: number | null, said: string }}
 * @throws Error that says what to install
 */
export function checkMetrics (text) {
  const { status, stdout, stderr } = spawnSync(find() ?? installed(), ['check', 'metrics'], { input: text, encoding: 'utf8' })
  return { code: status, said: (stdout + stderr).trim() }
}

function installed () {
  if (canInstall()) {
    install('the test of the metrics', 'prometheus')
    const found = find()
    if (found !== null) return found
  }
  throw new Error('The test of the metrics needs promtool. Install it ("sudo apt-get install prometheus"), or put promtool on the PATH.')
}

function find () {
  return [...(process.env.PATH ?? '').split(':'), '/usr/bin', '/usr/local/bin', '/opt/homebrew/bin'].filter((path) => path !== '').map((path) => join(path, 'promtool')).find((path) => existsSync(path)) ?? null
}
