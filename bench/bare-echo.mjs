// The peer of the trip: the same broker library with nothing of ours. What anybody publishes under `up/` comes back to
// them under `down/`, by the broker's own hand, as Oncekey answers.
import { createServer } from 'node:net'
import { Aedes } from 'aedes'

const broker = await Aedes.createBroker()
broker.subscribe('up/+', (packet, done) => {
  broker.publish({ cmd: 'publish', topic: packet.topic.replace('up/', 'down/'), payload: packet.payload, qos: 1, retain: false, dup: false }, () => {})
  done()
}, () => {})
const server = createServer({ noDelay: true }, broker.handle)
server.listen(0, '127.0.0.1', () => { process.send({ url: `mqtt://127.0.0.1:${server.address().port}` }) })
process.on('disconnect', () => { process.exit() })
