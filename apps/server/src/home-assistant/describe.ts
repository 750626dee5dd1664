import type { AuditRow, AccessPointState } from '@oncekey/protocol/schemas'
import type { Topics } from './topics.ts'

/**
 * What Home Assistant is told, and no more: this file is the whole list. A device for each controller, with its connection,
 * battery, keypad and program, and one for each access point, with bolt, door and what happens there. Never a person, a code, a
 * reason; and of an alarm only what anybody at the door sees too.
 */
export type Devices = { controllers: ControllerDevice[], points: PointDevice[] }
export type ControllerDevice = { id: string, name: string, hardware: string, firmware: string, newest: string, hasBattery: boolean }
export type PointDevice = { id: string, name: string, kind: 'door' | 'compartment', place: string, controllerId: string | null, isAllowed: boolean }

/** What happens at a door, in Home Assistant's `event_type`. */
export const eventTypes = ['opened', 'refused', 'lockedOut', 'forced', 'held', 'jammed'] as const
export type EventType = (typeof eventTypes)[number]

/** What a row of the record is to Home Assistant; null: nothing of its business. */
export function eventTypeOf ({ event, details }: Pick<AuditRow, 'event' | 'details'>): EventType | null {
  switch (event) {
    case 'lock.actuated': return details['mode'] === 'unlock' && details['lockState'] === 'unlocked' ? 'opened' : null
    case 'access.denied': return 'refused'
    case 'keypad.lockedOut': return 'lockedOut'
    case 'door.forced': return 'forced'
    case 'door.held': return 'held'
    case 'lock.jammed': return 'jammed'
    default: return null
  }
}

type About = { topics: Topics, version: string, url: string }

/** A device's description, as `…/config` has it: https://www.home-assistant.io/integrations/mqtt/#device-discovery-payload */
export function controllerConfig ({ id, name, hardware, firmware, hasBattery }: ControllerDevice, about: About): string {
  const state = { state_topic: about.topics.state(id) }
  const has = (key: string): string => `oncekey_${id}_${key}`
  return JSON.stringify({
    dev: { ids: [`oncekey_${id}`], name, mf: 'Oncekey', mdl: hardware === '' ? 'Controller' : hardware, ...firmware !== '' && { sw: firmware }, cu: about.url },
    ...frame(about),
    cmps: {
      connection: { p: 'binary_sensor', unique_id: has('connection'), name: 'Connection', device_class: 'connectivity', entity_category: 'diagnostic', value_template: '{{ value_json.connection }}', ...state },
      lockout: { p: 'binary_sensor', unique_id: has('lockout'), name: 'Keypad lockout', device_class: 'problem', value_template: '{{ value_json.lockout }}', ...state },
      event: happening(id, about.topics),
      firmware: { p: 'update', unique_id: has('firmware'), name: 'Firmware', device_class: 'firmware', entity_category: 'diagnostic', value_template: "{{ {'installed_version': value_json.installed, 'latest_version': value_json.newest} | to_json }}", ...state },
      // Without a watched battery both go, if they were there: a component with its platform alone is removed.
      battery: hasBattery ? { p: 'binary_sensor', unique_id: has('battery'), name: 'Battery', device_class: 'battery', entity_category: 'diagnostic', value_template: '{{ value_json.battery }}', ...state } : { p: 'binary_sensor' },
      voltage: hasBattery ? { p: 'sensor', unique_id: has('voltage'), name: 'Battery voltage', device_class: 'voltage', unit_of_measurement: 'mV', state_class: 'measurement', entity_category: 'diagnostic', value_template: '{{ value_json.millivolts }}', ...state } : { p: 'sensor' }
    }
  })
}

/** The same of an access point. A lock has buttons there, so it is one only where they may do something; elsewhere the bolt is a sensor. */
export function pointConfig ({ id, name, kind, place, controllerId, isAllowed }: PointDevice, about: About): string {
  const state = { state_topic: about.topics.state(id) }
  const has = (key: string): string => `oncekey_${id}_${key}`
  // What was measured last is true only as long as its controller is there.
  const whileThere = controllerId === null ? {} : {
    availability_mode: 'all',
    availability: [{ topic: about.topics.status }, { topic: about.topics.state(controllerId), value_template: "{{ 'online' if value_json.connection == 'ON' else 'offline' }}" }]
  }
  return JSON.stringify({
    dev: { ids: [`oncekey_${id}`], name, mf: 'Oncekey', mdl: kind === 'door' ? 'Door' : 'Compartment', sa: place, cu: about.url, ...controllerId !== null && { via_device: `oncekey_${controllerId}` } },
    ...frame(about),
    cmps: {
      lock: isAllowed
        ? {
            p: 'lock', unique_id: has('lock'), name: null, command_topic: about.topics.command(id), payload_lock: 'LOCK', payload_unlock: 'UNLOCK', optimistic: false, retain: false, qos: 1,
            state_locked: 'LOCKED', state_unlocked: 'UNLOCKED', state_locking: 'LOCKING', state_unlocking: 'UNLOCKING', state_jammed: 'JAMMED', value_template: '{{ value_json.lock }}', ...state, ...whileThere
          }
        : { p: 'lock' },
      bolt: isAllowed ? { p: 'sensor' } : { p: 'sensor', unique_id: has('bolt'), name: 'Bolt', device_class: 'enum', options: ['locked', 'unlocked', 'notFullyLocked', 'jammed'], value_template: '{{ value_json.bolt }}', ...state, ...whileThere },
      door: { p: 'binary_sensor', unique_id: has('door'), name: kind === 'door' ? 'Door' : 'Flap', device_class: 'door', value_template: '{{ value_json.door }}', ...state, ...whileThere },
      tamper: { p: 'binary_sensor', unique_id: has('tamper'), name: 'Forced', device_class: 'tamper', value_template: '{{ value_json.forced }}', ...state, ...whileThere },
      event: happening(id, about.topics)
    }
  })
}

function frame ({ topics, version, url }: About): object {
  return { o: { name: 'Oncekey', sw: version, url }, availability: [{ topic: topics.status }], qos: 1 }
}

function happening (id: string, topics: Topics): object {
  return { p: 'event', unique_id: `oncekey_${id}_event`, name: 'Event', event_types: eventTypes, state_topic: topics.event(id) }
}

/** What an access point's state is there. `None` is what Home Assistant takes for unknown. */
export function pointState ({ lockState, doorState }: Pick<AccessPointState, 'lockState' | 'doorState'>): string {
  const isJammed = doorState === 'jammed'
  const bolt = isJammed ? 'jammed' : lockState === 'unknown' ? 'None' : lockState
  // A bolt that stands half way locks nothing.
  const lock = isJammed ? 'JAMMED' : lockState === 'unknown' ? 'None' : lockState === 'locked' ? 'LOCKED' : 'UNLOCKED'
  const door = doorState === 'closed' ? 'OFF' : doorState === 'open' || doorState === 'forcedOpen' || doorState === 'ajar' ? 'ON' : 'None'
  return JSON.stringify({ lock, bolt, door, forced: doorState === 'forcedOpen' ? 'ON' : 'OFF' })
}

/** `newest`: the newest program that there is for it; empty: it has it. */
export function controllerState ({ firmware, newest }: Pick<ControllerDevice, 'firmware' | 'newest'>, { online, battery, millivolts, lockedOutUntil }: Pick<AccessPointState, 'online' | 'battery' | 'millivolts' | 'lockedOutUntil'>, now: number): string {
  return JSON.stringify({
    connection: online ? 'ON' : 'OFF', lockout: lockedOutUntil !== null && lockedOutUntil > now ? 'ON' : 'OFF', battery: battery === 'ok' ? 'OFF' : 'ON', millivolts: millivolts === 0 ? 'None' : millivolts,
    installed: firmware === '' ? '0' : firmware, newest: newest !== '' ? newest : firmware === '' ? '0' : firmware
  })
}
