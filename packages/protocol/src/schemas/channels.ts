import { Type, type Static } from 'typebox'
import { NullableMoment, words } from './common.ts'
import { VerificationChannel, VerificationDeliveryState, VerificationId } from './verifications.ts'

const Count = Type.Integer({ minimum: 0 })

/** A way out, set up or not. Never what it signs in with. */
export const ChannelState = Type.Object({
  channel: VerificationChannel,
  by: Type.Union([words('smtp', 'twilio', 'twilioVerify', 'gateway'), Type.Null()], { description: 'null: not set up' }),
  host: Type.Union([Type.String(), Type.Null()], { description: 'where messages leave to' }),
  hasReceipts: Type.Boolean({ description: 'the other side says whether a message arrived, and not only that it took it' }),
  setting: Type.String({ description: 'what sets it up, e.g. ONCEKEY_SMS_URL' }),
  recent: Type.Object({ waiting: Count, sent: Count, delivered: Count, failed: Count }, { description: 'of the messages of the newest 500 verifications of the last 24 hours, by what became of them' }),
  fault: Type.Union([Type.String(), Type.Null()], { description: 'why the newest of them that failed did, in a word' }), faultAt: NullableMoment
})
export type ChannelState = Static<typeof ChannelState>
/** GET /api/v1/channels */
export const ChannelsAnswer = Type.Object({ fallbackSeconds: Type.Integer({ description: 'without a receipt for so long, the next channel has its turn' }), channels: Type.Array(ChannelState) })
export type ChannelsAnswer = Static<typeof ChannelsAnswer>

/** POST /api/v1/channel-tests */
export const ChannelTestForm = Type.Object({ channel: VerificationChannel, to: Type.Optional(Type.String({ minLength: 1, maxLength: 254, description: 'your phone number, with + and the number of its country; for e-mail left away: that goes to your own address' })) }, { additionalProperties: false })
export type ChannelTestForm = Static<typeof ChannelTestForm>
/** A message that somebody sent to try a way. GET /api/v1/channel-tests/{id} */
export const ChannelTest = Type.Object({
  id: VerificationId, channel: VerificationChannel, to: Type.String({ description: 'masked' }), state: VerificationDeliveryState, attempts: Count,
  fault: Type.Union([Type.String(), Type.Null()], { description: 'why the newest try failed: a word, and the number that the other side answered with' }),
  providerId: Type.Union([Type.String(), Type.Null()], { description: 'what the other side calls the message: by it their support finds it' }),
  isOver: Type.Boolean({ description: 'nothing more will be heard of it' })
})
export type ChannelTest = Static<typeof ChannelTest>
