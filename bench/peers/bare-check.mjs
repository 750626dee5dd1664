// The peer of a check: the same framework, method, path, body, schema and answer, with nothing behind it.
import fastify from 'fastify'

const app = fastify()
const text = { type: 'string' }
app.post('/api/v1/verifications/:id/check', {
  schema: {
    params: { type: 'object', required: ['id'], properties: { id: { type: 'string', pattern: '^[A-Za-z0-9_-]{22,40}$' } } },
    body: { type: 'object', required: ['code'], properties: { code: { type: 'string', minLength: 1, maxLength: 64 } } },
    response: { 200: { type: 'object', properties: { status: text, id: text, to: text, channel: text, purpose: text } } }
  }
}, async (request) => ({ status: request.body.code === '' ? 'refused' : 'approved', id: request.params.id, to: 'somebody000000@bench.example', channel: 'email', purpose: 'verification' }))
await app.listen({ host: '127.0.0.1', port: 0 })
console.log(`http://127.0.0.1:${app.server.address().port}`)
