import { createHash, createHmac, createPrivateKey, createPublicKey, createSecretKey, hash as hashOf, randomBytes, sign } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'

const AT_ONCE = 500_000

/**
 * Makes the record of a stopped server as long as asked for, with rows as a busy site has them, chained and with
 * checkpoints as docs/audit.md says: written from that page, not with the server's own code.
 */
export function fillAudit (dataDir: string, count: number): void {
  const secrets: { auditKey: string, checkpointKey: string } = JSON.parse(readFileSync(join(dataDir, 'secrets.json'), 'utf8'))
  const auditKey = createSecretKey(Buffer.from(secrets.auditKey, 'base64url'))
  const signingKey = createPrivateKey({ key: Buffer.from(secrets.checkpointKey, 'base64url'), format: 'der', type: 'pkcs8' })
  const publicKey = Buffer.from(createPublicKey(signingKey).export({ format: 'jwk' }).x ?? '', 'base64url')
  const key = createHash('sha256').update(publicKey).digest('hex').slice(0, 16)
  const hmac = (text: string): string => createHmac('sha256', auditKey).update(text).digest('hex')
  const sha256 = (text: string): string => hashOf('sha256', text)

  const database = new DatabaseSync(join(dataDir, 'oncekey.db'))
  database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = OFF; PRAGMA cache_size = -400000; PRAGMA temp_store = MEMORY')
  // Made again at the end in one go: row by row they cost ten times as much.
  const indexes = database.prepare("SELECT name, sql FROM sqlite_schema WHERE type = 'index' AND tbl_name = 'audit' AND sql IS NOT NULL").all()
  for (const one of indexes) database.exec(`DROP INDEX ${String(one['name'])}`)
  const people = database.prepare('SELECT id, name FROM people').all().map((row) => ({ id: String(row['id']), name: String(row['name']) }))
  // As many as a large site has, so that no index is of a handful of values only.
  while (people.length < 2_000) people.push({ id: idOf(people.length), name: `Person ${people.length}` })
  const points = database.prepare('SELECT id, name, controller_id FROM access_points').all().map((row) => ({ id: String(row['id']), name: String(row['name']), controllerId: String(row['controller_id']) }))
  while (points.length < 500) points.push({ id: idOf(1e6 + points.length), name: `A${points.length}`, controllerId: idOf(2e6 + points.length % 20) })
  const setting = (name: string): string => String(database.prepare('SELECT value FROM settings WHERE key = ?').get(name)?.['value'])
  const [house, generation] = [setting('house.id'), Number(setting('house.generation'))]
  const head = database.prepare('SELECT seq, mac FROM audit_head').get()
  const marked = database.prepare('SELECT seq, digest FROM audit_checkpoints ORDER BY seq DESC LIMIT 1').get()
  let { seq, mac } = { seq: Number(head?.['seq']), mac: String(head?.['mac']) }
  let digest = String(marked?.['digest'])
  if (Number(marked?.['seq']) !== seq) throw new Error('The last row has no checkpoint: let the server run for a second after the last event.')

  const insert = database.prepare(`INSERT INTO audit (seq, time, event, severity, actor_id, subject_id, access_point_id, controller_id, reason, payload, salt, payload_hash, mac) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`)
  const mark = database.prepare('INSERT INTO audit_checkpoints (seq, house, generation, time, mac, digest, key, signature) VALUES (?, ?, ?, ?, ?, ?, ?, ?)')
  const events = [['code.issued', 'info'], ['code.delivered', 'info'], ['access.granted', 'info'], ['lock.actuated', 'info'], ['door.changed', 'info'], ['door.changed', 'info'], ['access.denied', 'notice'], ['session.started', 'info']] as const
  const begun = performance.now()
  let time = Date.now() - count * 1_000
  let random = 1
  const next = (below: number): number => (random = (random * 48_271) % 2_147_483_647) % below
  const salts = randomBytes(16 * 4096)
  while (seq < count) {
    database.exec('BEGIN')
    for (const end = Math.min(count, seq + AT_ONCE); seq < end;) {
      seq++
      time += 1_000
      const [event, severity] = events[seq % events.length] ?? events[0]
      const person = people[next(people.length)]
      const point = points[next(points.length)]
      const reason = event === 'access.denied' ? 'wrong' : null
      const payload = JSON.stringify({ severity, actor: person, subject: person, accessPoint: { id: point?.id, name: point?.name }, controller: { id: point?.controllerId, name: 'Bank A' }, reason, details: { codeId: person?.id, lock: seq % 50 } })
      const salt = salts.subarray(16 * (seq % 4096), 16 * (seq % 4096) + 16).toString('hex')
      const hash = sha256(`${salt}\n${payload}`)
      mac = hmac(`row\n${mac}\n${seq}\n${time}\n${event}\n${hash}`)
      digest = sha256(`${digest}\n${seq}\n${time}\n${event}\n${hash}\n${mac}`)
      insert.run(seq, time, event, severity, person?.id ?? null, person?.id ?? null, point?.id ?? null, point?.controllerId ?? null, reason, payload, salt, hash, mac)
      if (seq % 100 !== 0 && seq !== count) continue
      const signature = sign(null, Buffer.from(`oncekey checkpoint 1\n${house}\n${generation}\n${seq}\n${time}\n${mac}\n${digest}\n${key}`), signingKey).toString('base64url')
      mark.run(seq, house, generation, time, mac, digest, key, signature)
    }
    database.prepare('UPDATE audit_head SET seq = ?, mac = ?, head_mac = ?').run(seq, mac, hmac(`head\n${seq}\n${mac}`))
    database.exec('COMMIT')
    console.error(`  ${seq.toLocaleString('en')} rows, ${Math.round(1000 * seq / (performance.now() - begun)).toLocaleString('en')} rows/s`)
  }
  for (const one of indexes) database.exec(String(one['sql']))
  database.exec('PRAGMA wal_checkpoint(TRUNCATE)')
  database.close()
}

function idOf (number: number): string {
  return `0190a000-0000-7000-8000-${number.toString(16).padStart(12, '0')}`
}
