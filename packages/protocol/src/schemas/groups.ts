import { Type, type Static } from 'typebox'
import { Id, Moment, Name, NameBefore, NullableMoment } from './common.ts'
import { GrantForm, Schedule } from './grants.ts'

/** What every member of a group may open. With a bank: all that it has, also what it gets later. */
export const GroupGrant = Type.Object({
  id: Id, accessPointId: Type.Union([Id, Type.Null()]), bankId: Type.Union([Id, Type.Null()]), place: Type.String({ description: 'name of the bank; of an access point with its bank' }),
  startsAt: NullableMoment, endsAt: NullableMoment, createdAt: Moment,
  schedule: Type.Union([Schedule, Type.Null()]), maxUses: Type.Union([Type.Integer(), Type.Null()], { description: 'for each member and access point' })
})
export type GroupGrant = Static<typeof GroupGrant>

/** People who have access together. `people`: how many. */
export const Group = Type.Object({ id: Id, name: Type.String(), people: Type.Integer(), grants: Type.Array(GroupGrant) })
export type Group = Static<typeof Group>
/** GET /api/v1/groups, in order of name. */
export const GroupsAnswer = Type.Object({ groups: Type.Array(Group) })
export type GroupsAnswer = Static<typeof GroupsAnswer>

/** PATCH /api/v1/groups/{id} */
export const PeopleGroupChange = Type.Object({ name: Name, nameBefore: NameBefore }, { additionalProperties: false })
export type PeopleGroupChange = Static<typeof PeopleGroupChange>
/** POST /api/v1/groups */
export const PeopleGroupForm = Type.Object({ name: Name }, { additionalProperties: false })
export type PeopleGroupForm = Static<typeof PeopleGroupForm>

/** GET /api/v1/groups/{id}/people, in order of name. */
export const GroupPeople = Type.Object({ people: Type.Array(Type.Object({ id: Id, name: Type.String() })) })
export type GroupPeople = Static<typeof GroupPeople>

/** PATCH /api/v1/groups/{id}/people: who joins and who leaves, in one step. Who is in it already, or not, stays so. */
export const GroupPeopleChange = Type.Object({
  join: Type.Optional(Type.Array(Id, { maxItems: 500 })), leave: Type.Optional(Type.Array(Id, { maxItems: 500 }))
}, { additionalProperties: false })
export type GroupPeopleChange = Static<typeof GroupPeopleChange>
/** How many did join and leave. */
export const GroupPeopleChanged = Type.Object({ joined: Type.Integer(), left: Type.Integer() })
export type GroupPeopleChanged = Static<typeof GroupPeopleChanged>

const { startsAt, endsAt, schedule, maxUses } = GrantForm.properties
/** POST /api/v1/groups/{id}/grants: one for each named access point and bank. */
export const GroupGrantForm = Type.Object({
  accessPointIds: Type.Optional(Type.Array(Id, { maxItems: 500 })), bankIds: Type.Optional(Type.Array(Id, { maxItems: 100 })), startsAt, endsAt, schedule, maxUses
}, { additionalProperties: false })
export type GroupGrantForm = Static<typeof GroupGrantForm>
