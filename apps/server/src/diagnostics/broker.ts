import { connect as connectPlain, type Socket } from 'node:net'
import { connect as connectTls } from 'node:tls'
import type { Finding } from '@oncekey/protocol/schemas'
import { faultOf, find } from './finding.ts'
import { ownAddress } from './own-address.ts'
import type { Patient } from './patient.ts'

/** Whether something that speaks MQTT answers at each port where controllers come. */
export async function lookAtBroker ({ config, ports, patienceMs, server }: Patient): Promise<Finding[]> {
  // Without a server there is no broker to look for; that the server is away is a finding of its own.
  if ((await server()).health === null) return []
  const open = [...ports.mqtt === 0 ? [] : [{ port: ports.mqtt, secure: false }], ...ports.mqtts === 0 ? [] : [{ port: ports.mqtts, secure: true }]]
  return Promise.all(open.map(async ({ port, secure }) => {
    try {
      const host = ownAddress(config.host)
      await answers(secure ? connectTls({ host, port, rejectUnauthorized: false }) : connectPlain({ host, port }), patienceMs / 2)
      return find('broker.ok', { port: String(port) })
    } catch (error) {
      return find('broker.closed', { port: String(port), fault: faultOf(error) })
    }
  }))
}

const NOBODY = '00000000-0000-7000-8000-000000000000'

/**
 * A greeting (MQTT 3.1.1, 3.1) with a keep-alive of 0, which our broker refuses before it looks at any password: an answer
 * without a trace in the record and without a place taken.
 */
async function answers (socket: Socket, ms: number): Promise<void> {
  try {
    await new Promise<void>((resolve, reject) => {
      socket.setTimeout(ms, () => { reject(Object.assign(new Error('No answer.'), { code: 'ETIMEDOUT' })) })
      socket.on('error', reject)
      socket.on('close', () => { reject(Object.assign(new Error('Closed.'), { code: 'ECLOSED' })) })
      socket.once('data', (answer) => {
        // 0x20: CONNACK.
        if (answer[0] === 0x20) resolve()
        else reject(Object.assign(new Error('Not MQTT.'), { code: 'NOT_MQTT' }))
      })
      socket.write(greeting())
    })
  } finally {
    socket.destroy()
  }
}

function greeting (): Buffer {
  const text = (value: string): Buffer => Buffer.concat([Buffer.from([0, value.length]), Buffer.from(value)])
  // Protocol level 4; a clean session, a user name.
  const body = Buffer.concat([text('MQTT'), Buffer.from([4, 0x82, 0, 0]), text(NOBODY), text(NOBODY)])
  return Buffer.concat([Buffer.from([0x10, body.length]), body])
}
