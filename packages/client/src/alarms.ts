import type { Alarm, AlarmRules, AlarmsAnswer, AlarmsQuery, AssignForm, SnoozeForm } from '@oncekey/protocol/schemas'
import type { Call } from './http.ts'

/** Alarms, for whoever works here: apart from the client, so that only that page carries them. */
export function alarmVerbs (call: Call) {
  const of = (id: string, step: string): string => `api/v1/alarms/${encodeURIComponent(id)}/${step}`
  const rules = 'api/v1/alarm-rules'
  return {
    list: ({ ended = false, ...query }: AlarmsQuery = {}) => call<AlarmsAnswer>('GET', 'api/v1/alarms', { query: { ...query, ended: String(ended) } }),
    acknowledge: (id: string) => call<Alarm>('POST', of(id, 'acknowledge')),
    /** It is told again after so many minutes, if it has not ended. */
    snooze: (id: string, form: SnoozeForm) => call<Alarm>('POST', of(id, 'snooze'), { body: form }),
    assign: (id: string, form: AssignForm) => call<Alarm>('POST', of(id, 'assign'), { body: form }),
    end: (id: string) => call<Alarm>('POST', of(id, 'end')),
    /** Who is told, and how. */
    rules: () => call<AlarmRules>('GET', rules),
    /** The whole list, with the version that was read. */
    changeRules: (form: AlarmRules) => call<AlarmRules>('PATCH', rules, { body: form })
  }
}
