/** Where things are on Home Assistant's broker. Ids are ours, so nothing of a name is in a topic. */
export type Topics = {
  /** Whether we are there; the last will. */
  status: string
  /** What a device is (Home Assistant's documentation of MQTT discovery: `<prefix>/device/<node id>/<object id>/config`). */
  config: (id: string) => string
  state: (id: string) => string
  event: (id: string) => string
  command: (id: string) => string
  /** Home Assistant says there that it has started. */
  birth: string
  /** A message to ourselves. */
  echo: string
  /** Subscriptions: to commands; to every description of ours, of earlier times among them. */
  commands: string
  configs: string
  /** The id in the topic of a command or of a description; null: none of these. */
  idIn: (topic: string) => string | null
}

export function topicsOf (siteId: string, prefix: string): Topics {
  const base = `oncekey/${siteId}`
  const devices = `${prefix}/device/oncekey_${siteId}`
  const between = (topic: string, before: string, after: string): string | null => topic.startsWith(before) && topic.endsWith(after) ? topic.slice(before.length, -after.length) : null
  return {
    status: `${base}/status`, config: (id) => `${devices}/${id}/config`, state: (id) => `${base}/${id}/state`, event: (id) => `${base}/${id}/event`, command: (id) => `${base}/${id}/set`,
    birth: `${prefix}/status`, echo: `${base}/echo`, commands: `${base}/+/set`, configs: `${devices}/+/config`,
    idIn: (topic) => between(topic, `${base}/`, '/set') ?? between(topic, `${devices}/`, '/config')
  }
}
