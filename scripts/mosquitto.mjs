// A Mosquitto of one's own for tests: on a port of this machine, with its state in a temporary folder, so that it keeps what is
// retained over a kill. It stops and leaves nothing behind, also when whoever started it is killed.
import { spawn, spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { canInstall, install } from './debian.mjs'
import { freePort } from './free-port.mjs'

/**
 * Starts one. `login`: who may come, else everybody; `tls`: PEM files; `rights`: lines of an access list. `kill` ends it as a power cut
 * would and leaves the folder; `again` starts it on the same port and folder.
 * @returns {Promise<import('./mosquitto.mjs').OwnMosquitto>}
 * @throws Error that says what to install
 */
export async function startMosquitto ({ login = null, tls = null, rights = null, port = 0, folder = mkdtempSync(join(tmpdir(), 'oncekey-mosquitto-')) } = {}) {
  const program = find('mosquitto') ?? installed()
  const at = port === 0 ? await freePort() : port
  const files = { settings: join(folder, 'mosquitto.conf'), log: join(folder, 'log'), logins: join(folder, 'logins'), rights: join(folder, 'rights') }
  if (login !== null) {
    writeFileSync(files.logins, `${login.name}:${login.password}\n`, { mode: 0o600 })
    spawnSync(find('mosquitto_passwd') ?? 'mosquitto_passwd', ['-U', files.logins])
  }
  if (rights !== null) writeFileSync(files.rights, rights, { mode: 0o600 })
  writeFileSync(files.settings, [
    `listener ${at} 127.0.0.1`, `allow_anonymous ${login === null}`, 'persistence true', `persistence_location ${folder}/`, 'autosave_interval 1', 'autosave_on_changes true', `log_dest file ${files.log}`,
    ...process.getuid?.() === 0 ? ['user root'] : [], ...login === null ? [] : [`password_file ${files.logins}`], ...rights === null ? [] : [`acl_file ${files.rights}`],
    ...tls === null ? [] : [`certfile ${tls.cert}`, `keyfile ${tls.key}`]
  ].join('\n') + '\n')
  // The shell lives as long as its input is open, so the broker ends with us however we end.
  const child = spawn('sh', ['-c', '"$@" & broker=$!; cat > /dev/null; kill -9 $broker; wait $broker', 'sh', program, '-c', files.settings], { stdio: ['pipe', 'ignore', 'ignore'] })
  const ended = new Promise((resolve) => { child.once('exit', resolve) })
  const kill = async () => {
    child.ref()
    child.stdin.end()
    await ended
  }
  const stop = async () => {
    await kill()
    rmSync(folder, { recursive: true, force: true })
  }
  for (let tries = 0; !await listens(at); tries++) {
    if (child.exitCode !== null || tries === 500) {
      const said = existsSync(files.log) ? readFileSync(files.log, 'utf8') : ''
      await stop()
      throw new Error(`${program} did not start: ${said.slice(-2000).trim()}`)
    }
    await wait(20)
  }
  for (const handle of [child, child.stdin]) handle.unref()
  return { port: at, folder, kill, stop, again: () => startMosquitto({ login, tls, rights, port: at, folder }) }
}

function installed () {
  if (canInstall()) {
    install('the tests with Home Assistant\'s broker', 'mosquitto')
    const found = find('mosquitto')
    if (found !== null) return found
  }
  throw new Error('The tests with Home Assistant\'s broker need Mosquitto 2. Install it ("sudo apt-get install mosquitto"), or put mosquitto on the PATH.')
}

function find (name) {
  return [...(process.env.PATH ?? '').split(':'), '/usr/sbin', '/usr/bin', '/usr/local/sbin', '/opt/homebrew/sbin'].filter((path) => path !== '').map((path) => join(path, name)).find((path) => existsSync(path)) ?? null
}

function listens (port) {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => { socket.destroy(); resolve(true) })
    socket.once('error', () => { resolve(false) })
  })
}
