// Better Auth's e-mail OTP as its documentation sets it up, on SQLite with the same durability as ours; limits off.
import { createServer } from 'node:http'
import { DatabaseSync } from 'node:sqlite'
import { betterAuth } from 'better-auth'
import { getMigrations } from 'better-auth/db/migration'
import { toNodeHandler } from 'better-auth/node'
import { emailOTP } from 'better-auth/plugins'

const database = new DatabaseSync(process.env.BENCH_DATABASE)
database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL')
const codes = {}
const options = {
  database, baseURL: 'http://127.0.0.1', secret: 'a secret of thirty-two characters and more', rateLimit: { enabled: false }, telemetry: { enabled: false }, logger: { level: 'error' },
  advanced: { disableCSRFCheck: true, disableOriginCheck: true },
  plugins: [emailOTP({ sendVerificationOTP: async ({ email, otp }) => { codes[email] = otp } })]
}
await (await getMigrations(options)).runMigrations()
const handle = toNodeHandler(betterAuth(options))
const server = createServer((request, response) => {
  if (request.url === '/codes') response.end(JSON.stringify(codes))
  else handle(request, response)
})
server.listen(0, '127.0.0.1', () => { console.log(`http://127.0.0.1:${server.address().port}`) })
