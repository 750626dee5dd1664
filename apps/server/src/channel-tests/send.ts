import { createHash } from 'node:crypto'
import type { ChannelTest, ChannelTestForm, VerificationChannel } from '@oncekey/protocol/schemas'
import type { House } from '../house.ts'
import { maskAddress } from '../notify/mask.ts'
import { wayOf } from '../notify/ways.ts'
import type { Trx } from '../platform/db.ts'
import { inAll } from '../platform/needs/all.ts'
import { perHouse } from '../platform/per-house.ts'
import { Problem } from '../platform/problems.ts'
import { countTries } from '../platform/tries.ts'
import { addresseeOf, type Addressee } from '../verifications/address.ts'
import { channelIn, stateOf } from '../verifications/find.ts'
import { startVerification } from '../verifications/start.ts'

/** What the record, webhooks and the list of verifications say that it was for. */
const PURPOSE = 'channel-test'

/** Calls cost money, whoever asks for them: from one administrator and from all of them together. */
const personsOf = perHouse((house: House) => countTries({ most: 5, windowMs: 600_000, longestMs: 3_600_000, clock: house.clock }))
const allOf = perHouse((house: House) => countTries({ most: 20, windowMs: 3_600_000, clock: house.clock }))

/** Who tries a way: an administrator, of one site. */
export type Tester = { id: string, name: string, siteId: string }

/**
 * To whom a test goes. Mail to the tester's own address and to no other, so that nobody writes to strangers in the site's name; a
 * phone to the number that is given, because people have none here. Counts the test, too.
 * @throws Problem badRequest (`to`), channelNotSetUp, tooManyTries
 */
export async function addresseeOfTest (house: House, { channel, to }: ChannelTestForm, tester: Tester): Promise<Addressee> {
  if (wayOf(house.config, channel) === null) throw new Problem('channelNotSetUp', { detail: `Nothing is set up to send by ${channel}.` })
  if (channel === 'email' && to !== undefined) throw new Problem('badRequest', { errors: [{ field: 'to', needs: 'to be left away: a test mail goes to your own address' }] })
  const address = channel === 'email' ? (await house.db.read.selectFrom('people').select('email').where('id', '=', tester.id).executeTakeFirst())?.email : to
  if (address === undefined || (channel !== 'email' && address.includes('@'))) throw new Problem('badRequest', { errors: [{ field: 'to', needs: inAll((needs) => needs.ownPhone) }] })
  const { to: addressee } = await addresseeOf({ to: address, channel })
  personsOf(house).take(tester.id)
  allOf(house).take(tester.siteId)
  return addressee
}

/**
 * Sends a real message by one way alone: a verification of the tester's, with its words, its guard and its outbox, that no key
 * can look at, check or resend.
 * @throws Problem as `startVerification`
 */
export async function sendTest (trx: Trx, house: House, channel: VerificationChannel, to: Addressee, tester: Tester): Promise<ChannelTest> {
  const { id } = await startVerification(trx, house, { to, channels: [channel], purpose: PURPOSE, language: null }, { ...tester, visitor: markOf(tester) })
  house.audit.append(trx, house.clock(), { event: 'channel.tested', actor: { id: tester.id, name: tester.name }, subject: { id: null, name: maskAddress(to.address) }, details: { channel, verificationId: id } })
  return describe(await trx.prepare(MESSAGE).get(id, tester.siteId, markOf(tester)), house)
}

/** What the other side has said of it so far. @throws Problem notFound for everybody but who sent it */
export async function findTest (house: House, id: string, tester: Tester): Promise<ChannelTest> {
  return describe(await house.db.ask(MESSAGE).get(id, tester.siteId, markOf(tester)), house)
}

const MESSAGE = `SELECT v.id, v.channel, v.recipient, o.state, o.next_at, o.error, o.delivered_at, o.attempts, o.provider_id FROM verifications v JOIN outbox o ON o.verification_id = v.id
  WHERE v.id = ? AND v.site_id = ? AND v.visitor = ? ORDER BY o.created_at DESC, o.position LIMIT 1`

function describe (row: Awaited<ReturnType<ReturnType<Trx['prepare']>['get']>>, house: House): ChannelTest {
  if (row === undefined) throw new Problem('notFound')
  const channel = channelIn(row['channel'])
  const state = stateOf(row)
  const fault = row['error'] === null || state === 'delivered' || state === 'withheld' ? null : String(row['error'])
  return {
    id: String(row['id']), channel, to: maskAddress(String(row['recipient'])), state, attempts: Number(row['attempts']), fault,
    providerId: row['provider_id'] === null ? null : String(row['provider_id']),
    isOver: state !== 'waiting' && !(state === 'sent' && wayOf(house.config, channel)?.hasReceipts === true)
  }
}

/** By it what is one's own is found; a demonstration in the same person's browser has another. */
function markOf ({ id, siteId }: Tester): string {
  return createHash('sha256').update(`channel-test\n${siteId}\n${id}`).digest('base64url')
}
