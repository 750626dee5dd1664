// The peer of account routes: the same framework, methods, paths, bodies, schemas and answers, with nothing behind them.
import fastify from 'fastify'

const app = fastify()
const text = { type: 'string' }
const me = {
  type: 'object',
  properties: { id: text, name: text, email: text, role: text, site: { type: 'object', properties: { id: text, name: text, timeZone: text, demonstration: { type: 'boolean' }, mailWorks: { type: 'boolean' } } } }
}
const somebody = {
  id: '01890000-0000-7000-8000-000000000000', name: 'Somebody', email: 'somebody000000@bench.example', role: 'member',
  site: { id: '01890000-0000-7000-8000-000000000000', name: 'Bench', timeZone: 'UTC', demonstration: false, mailWorks: true }
}
app.get('/api/v1/me', { schema: { response: { 200: me } } }, async () => somebody)
app.post('/api/v1/sessions/by-code', {
  schema: {
    body: { type: 'object', required: ['challenge', 'code'], properties: { challenge: { type: 'string', minLength: 20, maxLength: 64, pattern: '^[A-Za-z0-9_-]+$' }, code: { type: 'string', minLength: 1, maxLength: 32 } } },
    response: { 200: { type: 'object', properties: { granted: { type: 'boolean' }, signIn: { type: 'object', properties: { state: text, me } } } } }
  }
}, async () => ({ granted: true, signIn: { state: 'signedIn', me: somebody } }))
await app.listen({ host: '127.0.0.1', port: 0 })
console.log(`http://127.0.0.1:${app.server.address().port}`)
