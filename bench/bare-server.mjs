// The peer of start-up and memory: the same framework and broker library with nothing of ours.
import { createServer } from 'node:net'
import { Aedes } from 'aedes'
import fastify from 'fastify'

const app = fastify()
app.get('/', () => 'bare')
const broker = await Aedes.createBroker()
createServer({ noDelay: true }, broker.handle).listen(0, '127.0.0.1')
await app.listen({ host: '127.0.0.1', port: 0 })
console.log(`http://127.0.0.1:${app.server.address().port}`)
