// The server, started again when its sources change, and the web app served by Vite with the server behind it.
import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { root, tool } from './steps.mjs'

const server = spawn(process.execPath, ['--watch-path=apps/server', '--watch-path=packages', 'apps/server/bin/oncekey.mjs', 'start'], { cwd: root, stdio: 'inherit' })
const web = spawn(process.execPath, [tool('vite/bin/vite.js')], { cwd: join(root, 'apps/web'), stdio: 'inherit' })
const stop = () => {
  server.kill()
  web.kill()
}
process.once('SIGINT', stop)
process.once('SIGTERM', stop)
server.once('exit', stop)
web.once('exit', stop)
