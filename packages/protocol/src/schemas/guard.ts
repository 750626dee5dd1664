import { Type, type Static } from 'typebox'
import { Id, Moment, NullableMoment, Why, words } from './common.ts'

/**
 * Why the guard sends no message. `numberType`: premium rate, shared cost and others that no message is for; `countryNotListed`:
 * see the settings; `country`, `network`, `range`, `area`, `key`: too many of their messages were for nothing; `spendCap`: enough for today.
 */
export const guardReasons = ['numberType', 'countryNotListed', 'country', 'network', 'range', 'area', 'key', 'spendCap'] as const
export const GuardReason = words(...guardReasons)
export type GuardReason = Static<typeof GuardReason>

/** Ways out; those that are not set up cost nothing. */
const GuardChannel = words('email', 'sms', 'whatsapp', 'voice')
const Country = Type.String({ pattern: '^[A-Z]{2}$', description: 'ISO 3166-1 alpha-2' })
const Micros = Type.Integer({ minimum: 0, maximum: 9e12, description: 'millionths of the currency' })
const Most = Type.Union([Type.Integer({ minimum: 0, maximum: 1e9 }), Type.Null()])

export const GuardSettings = Type.Object({
  countries: Type.Array(Country, { maxItems: 300, uniqueItems: true, description: 'phone numbers of these get messages; at first the country of the site\'s time zone' }),
  adaptive: Type.Boolean({ description: 'refuse where messages go out and nobody types a code in' }),
  currency: Type.String({ pattern: '^[A-Z]{3}$', description: 'ISO 4217; of costs and caps' }),
  costs: Type.Array(Type.Object({ channel: GuardChannel, country: Type.Union([Country, Type.Null()]), micros: Micros }), { maxItems: 1000, description: 'of one message; country null: of all others' }),
  caps: Type.Array(Type.Object({ channel: GuardChannel, messages: Most, micros: Type.Union([Micros, Type.Null()]) }), { maxItems: 4, description: 'for a day (UTC); null: none' })
})
export type GuardSettings = Static<typeof GuardSettings>
/** PATCH /api/v1/guard/settings: what is absent stays. */
export const GuardSettingsChange = Type.Partial(GuardSettings)
export type GuardSettingsChange = Static<typeof GuardSettingsChange>

export const GuardBlock = Type.Object({
  id: Id, level: words('network', 'range', 'area', 'country', 'key'), subject: Type.String({ description: 'an address or network, first digits of numbers, a country, the name of a key' }),
  since: Moment, until: Type.Integer({ description: 'when a first message is tried again, if nothing happens before' }),
  sent: Type.Integer(), verified: Type.Integer(), endedAt: NullableMoment, liftedBy: Type.Union([Type.String(), Type.Null()]), why: Type.Union([Type.String(), Type.Null()])
})
export type GuardBlock = Static<typeof GuardBlock>
/** POST /api/v1/guard/blocks/{id}/lift */
export const GuardLift = Type.Object({ reason: Why })
export type GuardLift = Static<typeof GuardLift>

/** GET /api/v1/guard */
export const GuardState = Type.Object({
  settings: GuardSettings,
  blocks: Type.Array(GuardBlock, { description: 'those that hold, and those that ended within a week; the newest first, 200 at most' }),
  spent: Type.Array(Type.Object({ channel: Type.String(), messages: Type.Integer(), micros: Type.Integer(), mostMessages: Most, mostMicros: Type.Union([Micros, Type.Null()]) }), { description: 'today (UTC)' })
})
export type GuardState = Static<typeof GuardState>

/** GET /api/v1/guard/figures */
export const GuardFiguresQuery = Type.Object({
  from: Type.Optional(Moment), to: Type.Optional(Moment), by: Type.Optional(words('hour', 'day'))
})
export type GuardFiguresQuery = Static<typeof GuardFiguresQuery>
export const GuardFigures = Type.Object({
  rows: Type.Array(Type.Object({
    from: Moment, channel: Type.String(), country: Type.Union([Type.String(), Type.Null()], { description: 'null: mail' }),
    started: Type.Integer({ description: 'verifications' }), sent: Type.Integer({ description: 'messages that were let out: first ones, further ones, and those of a fallback' }),
    micros: Type.Integer({ description: 'what those cost by the settings of their time; millionths of the currency' }),
    taken: Type.Integer({ description: 'messages that the other side took' }), delivered: Type.Integer({ description: 'receipts of delivery; e-mail has none' }),
    failed: Type.Array(Type.Object({ fault: Type.String({ description: 'a word of ours or of the other side\'s' }), messages: Type.Integer() })),
    verified: Type.Integer({ description: 'in this hour or day, whenever they were sent; so are those that follow' }), expired: Type.Integer(), blocked: Type.Integer(), cancelled: Type.Integer(),
    checksRefused: Type.Array(Type.Object({ reason: Type.String(), checks: Type.Integer() }), { description: 'codes that were typed in and not taken' }),
    refused: Type.Array(Type.Object({ reason: GuardReason, messages: Type.Integer() }))
  }), { description: 'Test recipients are not counted. Except what the guard refused, each figure is a count of the record\'s rows' })
})
export type GuardFigures = Static<typeof GuardFigures>
