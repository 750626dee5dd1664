import { Type } from 'typebox'

/**
 * What Home Assistant takes as a device's description, written by us from its documentation (https://www.home-assistant.io/integrations/mqtt/
 * and the page of each platform, autumn of 2026). It drops names that it does not know without a word, so here nothing else is allowed.
 */
const Topic = Type.String({ pattern: '^[^+#\\u0000]+$', minLength: 1 })
const Template = Type.String({ pattern: '^\\{\\{.+\\}\\}$' })
const Availability = Type.Array(Type.Object({ topic: Topic, value_template: Type.Optional(Template), payload_available: Type.Optional(Type.String()), payload_not_available: Type.Optional(Type.String()) }, { additionalProperties: false }), { minItems: 1 })
const common = {
  unique_id: Type.String({ minLength: 1 }), name: Type.Optional(Type.Union([Type.String({ minLength: 1 }), Type.Null()])), entity_category: Type.Optional(Type.Enum(['config', 'diagnostic'])),
  availability: Type.Optional(Availability), availability_mode: Type.Optional(Type.Enum(['all', 'any', 'latest'])), value_template: Type.Optional(Template), qos: Type.Optional(Type.Integer({ minimum: 0, maximum: 2 }))
}
const only = { additionalProperties: false }

/** A component that goes has its platform alone. */
const Gone = Type.Object({ p: Type.Enum(['lock', 'sensor', 'binary_sensor', 'event', 'update']) }, only)
const Lock = Type.Object({
  p: Type.Literal('lock'), ...common, command_topic: Topic, state_topic: Type.Optional(Topic), payload_lock: Type.Optional(Type.String()), payload_unlock: Type.Optional(Type.String()), optimistic: Type.Optional(Type.Boolean()), retain: Type.Optional(Type.Boolean()),
  state_locked: Type.Optional(Type.String()), state_unlocked: Type.Optional(Type.String()), state_locking: Type.Optional(Type.String()), state_unlocking: Type.Optional(Type.String()), state_jammed: Type.Optional(Type.String()), code_format: Type.Optional(Type.String())
}, only)
const BinarySensor = Type.Object({ p: Type.Literal('binary_sensor'), ...common, state_topic: Topic, device_class: Type.Optional(Type.Enum(['battery', 'connectivity', 'door', 'lock', 'opening', 'problem', 'safety', 'tamper'])) }, only)
const Sensor = Type.Union([
  Type.Object({ p: Type.Literal('sensor'), ...common, state_topic: Topic, device_class: Type.Literal('enum'), options: Type.Array(Type.String(), { minItems: 1, uniqueItems: true }) }, only),
  Type.Object({ p: Type.Literal('sensor'), ...common, state_topic: Topic, device_class: Type.Literal('voltage'), unit_of_measurement: Type.Enum(['V', 'mV']), state_class: Type.Optional(Type.Enum(['measurement', 'total', 'total_increasing'])) }, only)
])
const Event = Type.Object({ p: Type.Literal('event'), ...common, state_topic: Topic, event_types: Type.Array(Type.String({ minLength: 1 }), { minItems: 1, uniqueItems: true }), device_class: Type.Optional(Type.Enum(['button', 'doorbell', 'motion'])) }, only)
const Update = Type.Object({ p: Type.Literal('update'), ...common, state_topic: Topic, device_class: Type.Optional(Type.Literal('firmware')), latest_version_topic: Type.Optional(Topic), command_topic: Type.Optional(Topic), payload_install: Type.Optional(Type.String()) }, only)

export const DiscoveryPayload = Type.Object({
  dev: Type.Object({
    ids: Type.Array(Type.String({ minLength: 1 }), { minItems: 1 }), name: Type.String({ minLength: 1 }), mf: Type.Optional(Type.String()), mdl: Type.Optional(Type.String()), sw: Type.Optional(Type.String()), hw: Type.Optional(Type.String()),
    sa: Type.Optional(Type.String()), cu: Type.Optional(Type.String({ pattern: '^https?://' })), via_device: Type.Optional(Type.String())
  }, only),
  o: Type.Object({ name: Type.String({ minLength: 1 }), sw: Type.Optional(Type.String()), url: Type.Optional(Type.String({ pattern: '^https?://' })) }, only),
  cmps: Type.Record(Type.String({ pattern: '^[a-z]+$' }), Type.Union([Gone, Lock, BinarySensor, Sensor, Event, Update])),
  // What all components have, unless they say otherwise.
  availability: Type.Optional(Availability), qos: Type.Optional(Type.Integer({ minimum: 0, maximum: 2 }))
}, only)
