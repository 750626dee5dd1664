import type { Group, PeopleGroupChange, PeopleGroupForm, GroupGrantForm, GroupPeople, GroupPeopleChange, GroupPeopleChanged, GroupsAnswer, Holiday, HolidayForm, HolidaysAnswer, HoldersPage, HoldersQuery, PointsPage, PointsQuery, Refusal, WhyAnswer, WhyQuery } from '@oncekey/protocol/schemas'
import type { Call } from './http.ts'

/** Who can open what, when, and why not: apart from the client, so that no other page carries it. */
export function explainVerbs (call: Call) {
  const api = 'api/v1/'
  const group = (id: string, rest = ''): string => `${api}groups/${encodeURIComponent(id)}${rest}`
  return {
    access: {
      /** Would they open it, at that moment? Changes nothing. */
      why: (query: WhyQuery) => call<WhyAnswer>('GET', api + 'access/why', { query }),
      /** Who can open this; `after` is the `next` of the page before. */
      holders: (query: HoldersQuery) => call<HoldersPage>('GET', api + 'access/holders', { query }),
      /** What they can open. */
      points: (query: PointsQuery) => call<PointsPage>('GET', api + 'access/points', { query }),
      /** The checks of a refusal in the record, by the number of its row. */
      refusal: (seq: number) => call<Refusal>('GET', api + 'audit/why', { query: { seq } })
    },
    groups: {
      list: () => call<GroupsAnswer>('GET', api + 'groups'),
      make: (form: PeopleGroupForm) => call<Group>('POST', api + 'groups', { body: form }),
      /** With the name that was seen: changedMeanwhile when it is another one by now. */
      rename: (id: string, form: PeopleGroupChange) => call<Group>('PATCH', group(id), { body: form }),
      /** Refused while it has people or access. */
      remove: (id: string) => call('DELETE', group(id)),
      people: (id: string) => call<GroupPeople>('GET', group(id, '/people')),
      /** Who joins has all that the group has; who leaves loses it at once. */
      changePeople: (id: string, form: GroupPeopleChange) => call<GroupPeopleChanged>('PATCH', group(id, '/people'), { body: form }),
      give: (id: string, form: GroupGrantForm) => call<Group>('POST', group(id, '/grants'), { body: form }),
      endGrant: (groupGrantId: string) => call('DELETE', `${api}group-grants/${encodeURIComponent(groupGrantId)}`)
    },
    holidays: {
      list: () => call<HolidaysAnswer>('GET', api + 'holidays'),
      add: (form: HolidayForm) => call<Holiday>('POST', api + 'holidays', { body: form }),
      remove: (id: string) => call('DELETE', `${api}holidays/${encodeURIComponent(id)}`)
    }
  }
}
