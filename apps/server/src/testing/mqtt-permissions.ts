import type { DownName, UpName } from '@oncekey/protocol/topics'

/** Somebody who connects to the broker; `mqtt-matrix.test.ts` knows what each of them presents. */
export type MqttConnection = { as: string, isLetIn: boolean }

/** Who is let in at the broker. */
export const mqttConnections = [
  { as: 'a controller, by its own password', isLetIn: true },
  { as: 'a controller that may leave its own `up/avail` as its will', isLetIn: true },
  { as: 'nobody: neither name nor password', isLetIn: false },
  { as: 'a controller\'s name without a password', isLetIn: false },
  { as: 'a controller\'s name with a guessed password', isLetIn: false },
  { as: 'a controller\'s name with the password of another one', isLetIn: false },
  { as: 'a controller by its own password, with the client id of another one', isLetIn: false },
  { as: 'a controller that was removed, by the password that it had', isLetIn: false },
  { as: 'a controller that nobody knows', isLetIn: false },
  { as: 'a person, by address and session', isLetIn: false },
  { as: 'a program, by its API key', isLetIn: false },
  { as: 'a name with a wildcard', isLetIn: false },
  { as: 'a name that every object has', isLetIn: false },
  { as: 'a controller that wants its session kept', isLetIn: false },
  { as: 'a controller with a will for another one\'s `up/avail`', isLetIn: false },
  { as: 'a controller with a will that is a question', isLetIn: false },
  { as: 'a controller with a will below `$SYS`', isLetIn: false },
  { as: 'a controller with a will of more than 64 bytes', isLetIn: false }
] as const satisfies readonly MqttConnection[]

/** What a controller that is let in may do. In `topic`, `{own}` and `{other}` stand for branches, `ok/v1/{site}/{controller}`. */
export type MqttVerb = {
  verb: 'publish' | 'subscribe'
  what: string
  topic: string
  isAllowed: boolean
  retain?: true
  qos?: 2
}

const upNames: readonly UpName[] = ['avail', 'hello', 'state', 'event', 'request', 'result', 'time', 'health']
const downNames: readonly DownName[] = ['welcome', 'ack', 'answer', 'command', 'settings', 'time', 'update', 'pins']
/** Only these may be marked as to be kept, and are not kept all the same. */
const retained: readonly UpName[] = ['avail', 'state']

const line = (verb: MqttVerb['verb'], topic: string, isAllowed: boolean, more: Partial<MqttVerb> = {}): MqttVerb => ({
  verb, topic, isAllowed, what: whose(topic), ...more
})

function whose (topic: string): string {
  const [branch = '', rest = ''] = topic.split(/(?<=})\//)
  return branch === '{own}' ? `own \`${rest}\`` : branch === '{other}' ? `another's \`${rest}\`` : `\`${topic}\` as it stands`
}

/** Every verb with every name of the contract, and what lies beside it. */
export const mqttVerbs: readonly MqttVerb[] = [
  ...upNames.map((name) => line('publish', `{own}/up/${name}`, true)),
  ...upNames.map((name) => line('publish', `{own}/up/${name}`, retained.includes(name), { retain: true, what: `own \`up/${name}\`, retained` })),
  ...downNames.map((name) => line('publish', `{own}/down/${name}`, false)),
  ...upNames.map((name) => line('publish', `{other}/up/${name}`, false)),
  ...downNames.map((name) => line('publish', `{other}/down/${name}`, false)),
  line('publish', '{own}/up/event', false, { qos: 2, what: 'own `up/event` with quality of service 2' }),
  line('publish', '{own}/up/nothing', false), line('publish', '{own}/up/state/more', false), line('publish', '{own}/sideways/state', false),
  line('publish', 'ok/v2/site/x/up/state', false), line('publish', '$SYS/a', false), line('publish', 'a/b/c/d/e/f/g/h/i/j', false), line('publish', 'x/', false),
  line('subscribe', '{own}/down/+', true),
  ...downNames.map((name) => line('subscribe', `{own}/down/${name}`, true)),
  ...upNames.map((name) => line('subscribe', `{own}/up/${name}`, false)),
  line('subscribe', '{own}/up/+', false), line('subscribe', '{own}/down/nothing', false), line('subscribe', '{own}/down/#', false), line('subscribe', '{own}/#', false),
  ...downNames.map((name) => line('subscribe', `{other}/down/${name}`, false)),
  ...upNames.map((name) => line('subscribe', `{other}/up/${name}`, false)),
  line('subscribe', '{other}/down/+', false), line('subscribe', '{other}/up/+', false),
  line('subscribe', 'ok/v1/+/+/down/+', false), line('subscribe', '+/+/+/+/+/+', false), line('subscribe', '#', false), line('subscribe', '$SYS/#', false), line('subscribe', '$share/x/#', false)
]
