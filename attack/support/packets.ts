/** Damaged MQTT packets by the million: many lines at once, from many addresses, some of them logged in. */
import { generate, type Packet } from 'mqtt-packet'
import { downFilter, upTopic, type UpName } from '@oncekey/protocol/topics'
import { mutateBytes } from './mutate.ts'
import { connectPacket, openRaw, publishPacket } from './raw.ts'
import type { Loot } from './thief.ts'

const upNames: readonly UpName[] = ['hello', 'state', 'event', 'request', 'result', 'time', 'health', 'avail']
/** Lines of strangers at once; with each stolen login there is one more, since a second one would push the first out. */
const STRANGERS = 3

export type Sent = { packets: number, lines: number, acknowledged: number }

/**
 * Sends `count` packets to the broker: whole ones of every type with damage to one in some, after a login or before
 * one. Whoever is cut connects again, from another address, because addresses are limited.
 */
export async function fuzzPackets (port: number, loots: readonly Loot[], count: number, roll: (sides: number) => number): Promise<Sent> {
  const sent: Sent = { packets: 0, lines: 0, acknowledged: 0 }
  const pools = loots.map((loot) => poolOf(loot))
  const strangers = poolOf(loots[0] ?? { address: { site: 'x', controller: 'y' }, login: { clientId: 'y', username: 'y', password: 'z' } })
  await Promise.all([
    ...loots.map((loot, i) => line(pools[i] ?? strangers, loot)),
    ...Array.from({ length: STRANGERS }, () => line(strangers, null))
  ])
  return sent

  async function line (pool: readonly Buffer[], loot: Pick<Loot, 'login'> | null): Promise<void> {
    while (sent.packets < count) {
      const raw = await openRaw(port, `127.${1 + roll(100)}.${roll(250)}.${1 + roll(250)}`)
      sent.lines++
      const connack = loot === null ? null : raw.first((packet) => packet.cmd === 'connack', 2000)
      if (loot !== null) raw.send(connectPacket(loot.login))
      if (connack !== null && await connack === null) {
        raw.end()
        continue
      }
      // A stranger's first bad packet ends the line; somebody who is in may say much before one does.
      for (let bursts = loot === null ? 1 : 40; bursts > 0 && !raw.isClosed && sent.packets < count; bursts--) {
        const burst = burstOf(pool, loot === null ? 1 + roll(4) : 400, loot === null ? 3 : 2000, roll)
        sent.packets += burst.length
        raw.write(Buffer.concat(burst))
        if (raw.socket.writableNeedDrain) await Promise.race([new Promise((resolve) => { raw.socket.once('drain', resolve) }), raw.closed])
        // An answer to this shows that everything before it was looked at.
        raw.packets.length = 0
        raw.write(generate({ cmd: 'pingreq' }))
        if (loot !== null) await raw.first((packet) => packet.cmd === 'pingresp', 5000)
        sent.acknowledged += raw.packets.filter((packet) => packet.cmd === 'puback' || packet.cmd === 'pingresp').length
      }
      if (loot === null) await Promise.race([raw.closed, new Promise((resolve) => { setTimeout(resolve, 20) })])
      raw.end()
    }
  }
}

/** Packets, one in `oneIn` of them damaged. */
function burstOf (pool: readonly Buffer[], length: number, oneIn: number, roll: (sides: number) => number): Buffer[] {
  return Array.from({ length }, () => {
    const packet = pool[roll(pool.length)] ?? Buffer.alloc(0)
    if (roll(oneIn) === 0) return Buffer.from(mutateBytes(packet, roll))
    if (packet[0] !== 0x32 && packet[0] !== 0x30) return packet
    // The frame stays whole, and so does the topic: bytes of the payload are others.
    const copy = Buffer.from(packet)
    for (let times = 1 + roll(6); times > 0; times--) copy[copy.length - 1 - roll(Math.min(60, copy.length - 1))] = roll(256)
    return copy
  })
}

/** One of everything that a client may send, as bytes. Those that end a line are last; a logged-in line draws them as seldom as the rest. */
function poolOf ({ address, login }: Pick<Loot, 'address' | 'login'>): Buffer[] {
  const own = upNames.flatMap((name) => [0, 1].flatMap((qos) => Array.from({ length: 3 }, (_, i) => publishPacket(upTopic(address, name), `${'A'.repeat(22)}.${JSON.stringify({ s: 'A'.repeat(43), n: i + 1, id: 'x', kind: 'verify', entry: 'A'.repeat(22), lock: 0, records: ['x'.repeat(60)] })}`, { qos, messageId: 1 + i }))))
  const others: Packet[] = [
    { cmd: 'pingreq' }, { cmd: 'pingreq' }, { cmd: 'puback', messageId: 9 }, { cmd: 'puback', messageId: 65_535 },
    { cmd: 'subscribe', messageId: 5, subscriptions: [{ topic: downFilter(address), qos: 1 }] }, { cmd: 'unsubscribe', messageId: 6, unsubscriptions: [downFilter(address)] },
    { cmd: 'unsubscribe', messageId: 7, unsubscriptions: ['#', '$SYS/#', 'x/'.repeat(7) + 'x'] }
  ]
  const packets = [...own, ...own, ...others].map((packet) => generate(packet))
  const rare = [connectPacket(login), { cmd: 'disconnect' } as Packet, { cmd: 'pubrel', messageId: 3 } as Packet, { cmd: 'pubrec', messageId: 4 } as Packet].map((packet) => generate(packet))
  return [...Array.from({ length: 20 }, () => packets).flat(), ...rare]
}
