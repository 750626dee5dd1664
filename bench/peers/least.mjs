// The least that a verification has to write: the same routes as the bare peer, and behind them, by hand in one file, what can
// not be left out of a start and a check that are durable and on record. No limits, no roles, no webhooks, no figures, no ways
// but mail, no second database, nothing that could be changed by anybody: the floor that the parts under us have.
import { createCipheriv, createHmac, createSecretKey, hash, randomBytes, timingSafeEqual } from 'node:crypto'
import { DatabaseSync } from 'node:sqlite'
import fastify from 'fastify'

const database = new DatabaseSync(process.env.BENCH_DATABASE)
database.exec(`PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA wal_autocheckpoint = 4000; PRAGMA cache_size = -8000;
CREATE TABLE keys (id TEXT PRIMARY KEY, secret_hash TEXT NOT NULL UNIQUE, revoked_at INTEGER) STRICT;
CREATE TABLE verifications (id TEXT PRIMARY KEY, recipient TEXT NOT NULL, recipient_key TEXT NOT NULL, status TEXT NOT NULL, created_at INTEGER NOT NULL,
  expires_at INTEGER NOT NULL, failures INTEGER NOT NULL, code_hash TEXT, ended_at INTEGER) STRICT, WITHOUT ROWID;
CREATE INDEX verifications_pending ON verifications (expires_at) WHERE status = 'pending';
CREATE TABLE recipients (recipient_key TEXT PRIMARY KEY, sends TEXT NOT NULL, forget_at INTEGER NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE outbox (id TEXT PRIMARY KEY, verification_id TEXT NOT NULL, recipient TEXT NOT NULL, sealed TEXT, state TEXT NOT NULL, next_at INTEGER NOT NULL) STRICT, WITHOUT ROWID;
CREATE INDEX outbox_waiting ON outbox (next_at) WHERE state = 'waiting';
CREATE TABLE audit (seq INTEGER PRIMARY KEY, time INTEGER NOT NULL, event TEXT NOT NULL, payload TEXT NOT NULL, mac TEXT NOT NULL) STRICT;`)
const SECRET = process.env.BENCH_SECRET
database.prepare('INSERT INTO keys VALUES (?, ?, NULL)').run('key', hash('sha256', SECRET))
const sql = Object.fromEntries(Object.entries({
  begin: 'BEGIN IMMEDIATE', commit: 'COMMIT',
  key: 'SELECT id, revoked_at FROM keys WHERE secret_hash = ?',
  sends: 'SELECT sends FROM recipients WHERE recipient_key = ?',
  note: 'INSERT INTO recipients VALUES (?, ?, ?) ON CONFLICT (recipient_key) DO UPDATE SET sends = excluded.sends, forget_at = excluded.forget_at',
  start: "INSERT INTO verifications VALUES (?, ?, ?, 'pending', ?, ?, 0, ?, NULL)",
  post: "INSERT INTO outbox VALUES (?, ?, ?, ?, 'waiting', ?)",
  read: 'SELECT recipient, recipient_key, status, expires_at, failures, code_hash FROM verifications WHERE id = ?',
  end: "UPDATE verifications SET status = 'approved', ended_at = ?, code_hash = NULL WHERE id = ?",
  record: 'INSERT INTO audit VALUES (?, ?, ?, ?, ?)'
}).map(([name, text]) => [name, database.prepare(text)]))

const pepper = createSecretKey(randomBytes(32))
const chain = createSecretKey(randomBytes(32))
const box = createSecretKey(randomBytes(32))
const codeHash = (id, code) => createHmac('sha256', pepper).update(`${id}\n${code}`).digest('base64url')
let seq = 0
let mac = ''
function record (now, event, details) {
  const payload = JSON.stringify(details)
  mac = createHmac('sha256', chain).update(`${mac}\n${++seq}\n${now}\n${event}\n${hash('sha256', payload)}`).digest('hex')
  sql.record.run(seq, now, event, payload, mac)
}

let drawn = Buffer.alloc(0)
function draw (count) {
  if (drawn.length < count) drawn = randomBytes(4096)
  const bytes = drawn.subarray(0, count)
  drawn = drawn.subarray(count)
  return bytes
}

/** Writes that come together share one commit. */
let waiting = []
function write (work) {
  return new Promise((resolve) => {
    if (waiting.push({ work, resolve }) === 1) setImmediate(flush)
  })
}
function flush () {
  const group = waiting
  waiting = []
  sql.begin.run()
  const answers = group.map(({ work }) => work())
  sql.commit.run()
  group.forEach(({ resolve }, i) => { resolve(answers[i]) })
}

function begin (to) {
  const now = Date.now()
  const recipientKey = hash('sha256', `site\nemail\n${to.toLowerCase()}`, 'base64url')
  const sends = sql.sends.get(recipientKey)?.sends
  const id = now.toString(36).padStart(9, '0') + draw(16).toString('base64url')
  const code = String(draw(6).readUIntBE(0, 6) % 1_000_000).padStart(6, '0')
  const iv = draw(12)
  const cipher = createCipheriv('aes-256-gcm', box, iv)
  const sealed = Buffer.concat([iv, cipher.update(`Your code is ${code}. It is valid for 10 minutes. Nobody from us will ever ask for it.`), cipher.final(), cipher.getAuthTag()]).toString('base64url')
  sql.start.run(id, to, recipientKey, now, now + 600_000, codeHash(id, code))
  sql.post.run(id, id, to, sealed, now)
  sql.note.run(recipientKey, sends === undefined ? String(now) : `${now} ${sends}`, now + 86_400_000)
  record(now, 'verification.started', { actor: { id: 'key', name: 'Bench' }, subject: { id: null, name: to }, details: { verificationId: id, channel: 'email', purpose: 'verification' } })
  codes.set(id, code)
  return { id, status: 'pending', to, channel: 'email', purpose: 'verification', createdAt: now, expiresAt: now + 600_000, endedAt: null, attemptsLeft: 5, delivery: 'waiting', deliveries: [{ channel: 'email', state: 'waiting' }], mayResendAt: now + 30_000 }
}

function check (id, code) {
  const now = Date.now()
  const row = sql.read.get(id)
  if (row?.status !== 'pending' || row.expires_at <= now || row.failures >= 5 || !timingSafeEqual(Buffer.from(row.code_hash), Buffer.from(codeHash(id, code)))) return { status: 'refused' }
  sql.end.run(now, id)
  record(now, 'verification.approved', { actor: { id: 'key', name: 'Bench' }, subject: { id: null, name: row.recipient }, details: { verificationId: id, purpose: 'verification' } })
  return { status: 'approved', id, to: row.recipient, channel: 'email', purpose: 'verification' }
}

/** For whoever measures: in a mail it would be. */
const codes = new Map()
const app = fastify()
const text = { type: 'string' }
const number = { type: 'integer' }
app.addHook('onRequest', async (request, reply) => {
  const key = sql.key.get(hash('sha256', request.headers.authorization?.slice(7) ?? ''))
  if (key === undefined || key.revoked_at !== null) return reply.status(401).send({ status: 'refused' })
})
app.get('/codes', async () => Object.fromEntries(codes))
app.post('/api/v1/verifications', {
  schema: {
    body: { type: 'object', required: ['to'], properties: { to: { type: 'string', minLength: 3, maxLength: 254 }, channel: text, purpose: text, ip: text } },
    response: { 201: { type: 'object', properties: { id: text, status: text, to: text, channel: text, purpose: text, createdAt: number, expiresAt: number, endedAt: { type: ['integer', 'null'] }, attemptsLeft: number, delivery: text, deliveries: { type: 'array', items: { type: 'object', properties: { channel: text, state: text } } }, mayResendAt: number } } }
  }
}, async (request, reply) => reply.status(201).send(await write(() => begin(request.body.to))))
app.post('/api/v1/verifications/:id/check', {
  schema: {
    params: { type: 'object', required: ['id'], properties: { id: { type: 'string', pattern: '^[A-Za-z0-9_-]{22,40}$' } } },
    body: { type: 'object', required: ['code'], properties: { code: { type: 'string', minLength: 1, maxLength: 64 } } },
    response: { 200: { type: 'object', properties: { status: text, id: text, to: text, channel: text, purpose: text } } }
  }
}, async (request) => write(() => check(request.params.id, request.body.code)))
await app.listen({ host: '127.0.0.1', port: 0 })
console.log(`http://127.0.0.1:${app.server.address().port}`)
