// The peer of a verification: the same framework, methods, paths, bodies, schemas and answers, with nothing behind them, or
// (with BENCH_DATABASE) one durable commit of one row.
import { DatabaseSync } from 'node:sqlite'
import fastify from 'fastify'

const path = process.env.BENCH_DATABASE
const commit = path === undefined ? () => {} : commits(new DatabaseSync(path))

function commits (database) {
  database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; CREATE TABLE rows (id INTEGER PRIMARY KEY, text TEXT) STRICT')
  const add = database.prepare('INSERT INTO rows (text) VALUES (?)')
  return (id) => { add.run(id) }
}

const app = fastify()
const text = { type: 'string' }
const number = { type: 'integer' }
let made = 0
app.post('/api/v1/verifications', {
  schema: {
    body: { type: 'object', required: ['to'], properties: { to: { type: 'string', minLength: 3, maxLength: 254 }, channel: text, purpose: text, ip: text } },
    response: { 201: { type: 'object', properties: { id: text, status: text, to: text, channel: text, purpose: text, createdAt: number, expiresAt: number, endedAt: { type: ['integer', 'null'] }, attemptsLeft: number, delivery: text, deliveries: { type: 'array', items: { type: 'object', properties: { channel: text, state: text } } }, mayResendAt: number } } }
  }
}, async (request, reply) => {
  const now = Date.now()
  const id = `verification${String(made++).padStart(20, '0')}`
  commit(id)
  return reply.status(201).send({ id, status: 'pending', to: request.body.to, channel: 'email', purpose: 'verification', createdAt: now, expiresAt: now + 600_000, endedAt: null, attemptsLeft: 5, delivery: 'waiting', deliveries: [{ channel: 'email', state: 'waiting' }], mayResendAt: now + 30_000 })
})
app.post('/api/v1/verifications/:id/check', {
  schema: {
    params: { type: 'object', required: ['id'], properties: { id: { type: 'string', pattern: '^[A-Za-z0-9_-]{22,40}$' } } },
    body: { type: 'object', required: ['code'], properties: { code: { type: 'string', minLength: 1, maxLength: 64 } } },
    response: { 200: { type: 'object', properties: { status: text, id: text, to: text, channel: text, purpose: text } } }
  }
}, async (request) => {
  commit(request.params.id)
  return { status: request.body.code === '' ? 'refused' : 'approved', id: request.params.id, to: 'somebody000000@bench.example', channel: 'email', purpose: 'verification' }
})
await app.listen({ host: '127.0.0.1', port: 0 })
console.log(`http://127.0.0.1:${app.server.address().port}`)
