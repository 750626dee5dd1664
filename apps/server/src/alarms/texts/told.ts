import type { AlarmKind } from '@oncekey/protocol/schemas'

/** An alarm as a message tells of it. `place`: the name of the access point, or of the controller. */
export type Told = { kind: AlarmKind, place: string, openedAt: number, lastAt: number, times: number, ended: boolean, details: Readonly<Record<string, unknown>> }

type Words = { subject: string, what: (told: Told) => string, todo: string }
/** All that messages about alarms say. */
export type AlarmTexts = {
  kinds: Readonly<Record<AlarmKind, Words>>, when: string, over: string, again: (times: number) => string, more: (count: number) => string
  many: (count: number, subject: string) => string, assigned: (who: string, subject: string) => string
}

export const lockoutMinutes = ({ details }: Told): number => Math.max(1, Math.round(Number(details['lockoutMs'] ?? 60_000) / 60_000))
