import type { AlarmKind, AlarmRule } from '@oncekey/protocol/schemas'
import type { Say } from '../audit/sentence.ts'
import { grantLimits } from '../places/grant.ts'

/** What rules name: people who work here, and places. A name that is missing is of something that is gone. */
export type Names = { people: ReadonlyMap<string, string>, banks: ReadonlyMap<string, string>, points: ReadonlyMap<string, string> }

/** In the order in which people are to think of them. */
export const kindOrder: readonly AlarmKind[] = ['duress', 'forced', 'held', 'jammed', 'lockout', 'refused', 'tamper', 'gap', 'offLine', 'battery']

/** What a new rule begins with: everything, to administrators. */
export const freshRule: AlarmRule = { kinds: [], leastSeverity: 'notice', bankId: null, accessPointId: null, schedule: null, channel: 'both', roles: ['owner', 'admin'], personIds: [] }

/** A rule in words: "By mail to all owners and administrators: everything, everywhere, at any hour." */
export function ruleSentence (rule: AlarmRule, { people, banks, points }: Names, say: Say, language: string): string {
  const list = (parts: readonly string[]): string => new Intl.ListFormat(language, { type: 'conjunction' }).format(parts)
  const gone = say('alarms.gone')
  const who = list([...rule.roles.map((role) => say(`alarms.all.${role}`)), ...rule.personIds.map((id) => people.get(id) ?? gone)])
  const what = rule.kinds.length > 0 ? list(kindOrder.filter((kind) => rule.kinds.includes(kind)).map((kind) => say(`alarms.kind.${kind}`))) : say(`alarms.what.${rule.leastSeverity}`)
  const place = rule.accessPointId !== null ? points.get(rule.accessPointId) ?? gone : rule.bankId !== null ? banks.get(rule.bankId) ?? gone : null
  const where = place === null ? say('alarms.everywhere') : say('alarms.at', { place })
  const hours = rule.schedule === null ? say('alarms.anyHour') : grantLimits({ schedule: rule.schedule, maxUses: null, uses: 0 }, say, language)
  const isToNobody = rule.channel === 'none' || (rule.roles.length === 0 && rule.personIds.length === 0)
  return say(isToNobody ? 'alarms.says.none' : `alarms.says.${rule.channel === 'push' ? 'push' : rule.channel === 'both' ? 'both' : 'mail'}`, { who, what, where, hours })
}
