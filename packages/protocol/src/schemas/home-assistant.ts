import { Type, type Static } from 'typebox'
import { Id, Moment, NullableMoment, words } from './common.ts'

// No sign that ends a line: what is written to a port before its program has said that it speaks MQTT is never a line of another protocol's.
const line = '^[^\\u0000-\\u001f\\u007f-\\u009f\\u2028\\u2029]*$'

/**
 * PATCH /api/v1/home-assistant: the broker that Home Assistant listens to. In networks of one's own ports 1883 and 8883, others where the
 * operator named the network (ONCEKEY_WEBHOOK_NETWORKS); out into the world only with TLS.
 */
export const HomeAssistantForm = Type.Object({
  isOn: Type.Boolean({ description: 'false: what was put there is taken back, and the connection ends' }),
  host: Type.String({ minLength: 1, maxLength: 253, pattern: '^[A-Za-z0-9._:-]+$', description: 'name or address' }), port: Type.Integer({ minimum: 1, maximum: 65_535 }),
  isTls: Type.Boolean(), ca: Type.Union([Type.String({ maxLength: 20_000, description: 'authority of the broker\'s certificate, PEM' }), Type.Null()], { description: 'null: those that are known to all' }),
  userName: Type.String({ maxLength: 128, pattern: line }),
  password: Type.Optional(Type.Union([Type.String({ maxLength: 256, pattern: line }), Type.Null()], { description: 'absent: the one that is kept; null: none' })),
  prefix: Type.String({ minLength: 1, maxLength: 60, pattern: '^[A-Za-z0-9_-]+(/[A-Za-z0-9_-]+)*$', description: 'where Home Assistant looks for devices: homeassistant, unless it was told otherwise' })
}, { additionalProperties: false })
export type HomeAssistantForm = Static<typeof HomeAssistantForm>

/** PATCH /api/v1/access-points/{id}/home-assistant */
export const HomeAssistantAllow = Type.Object({ isAllowed: Type.Boolean({ description: 'whether it may be locked and unlocked from there, in the name of whoever allows it' }) }, { additionalProperties: false })
export type HomeAssistantAllow = Static<typeof HomeAssistantAllow>

/** GET /api/v1/home-assistant: how the connection is. */
export const HomeAssistantState = Type.Object({
  settings: Type.Union([Type.Object({
    isOn: Type.Boolean(), host: Type.String(), port: Type.Integer(), isTls: Type.Boolean(), ca: Type.Union([Type.String(), Type.Null()]), userName: Type.String(), hasPassword: Type.Boolean(), prefix: Type.String()
  }), Type.Null()], { description: 'null: never set up' }),
  state: words('off', 'connected', 'connecting', 'waiting', 'leaving', 'elsewhere'), since: NullableMoment,
  fault: Type.Union([Type.String(), Type.Null()], { description: 'why the last try failed, in a word' }),
  devices: Type.Integer({ description: 'that Home Assistant was told of' }), missed: Type.Integer({ description: 'events that it was not told of, because it was away or too slow' }),
  allowed: Type.Array(Type.Object({ accessPointId: Id, name: Type.String(), by: Type.String(), at: Moment, isGood: Type.Boolean({ description: 'false: who allowed it may not unlock any more, so nobody may from there' }) }))
})
export type HomeAssistantState = Static<typeof HomeAssistantState>

/** POST /api/v1/home-assistant/test: how far a connection of its own came; `done`: a message went there and back. */
export const HomeAssistantTest = Type.Object({ step: words('name', 'connection', 'tls', 'signIn', 'rights', 'done'), fault: Type.Union([Type.String(), Type.Null()]) })
export type HomeAssistantTest = Static<typeof HomeAssistantTest>
