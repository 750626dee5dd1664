import { CodeLog, CodeLogQuery, Ended, IdParams, InvitationForm, PasswordReset, PeopleAnswer, PeopleQuery, Person, PersonAdded, PersonChange, PersonForm, SessionsEnded, SignedIn } from '@oncekey/protocol/schemas'
import type { House } from '../house.ts'
import { callerOf, type App } from '../platform/http.ts'
import { perHouse } from '../platform/per-house.ts'
import { countTries, networkOf } from '../platform/tries.ts'
import { addPerson } from './add.ts'
import { checkRoleToGive } from './authority.ts'
import { changePerson, removePerson } from './change.ts'
import { codeLog } from './code-log.ts'
import { importRoutes } from './import-routes.ts'
import { acceptInvitation, invite } from './invitations.ts'
import { describeMe } from '../me/describe.ts'
import { checkPassword, hashNewPassword } from './passwords.ts'
import { findPeople, findPerson } from './queries.ts'
import { resetPassword, signPersonOut } from './reset.ts'
import { answerEntered, visitorOf } from '../sessions/visit.ts'

const acceptTriesOf = perHouse((house: House) => countTries({ most: 20, windowMs: 600_000, clock: house.clock }))

export function peopleRoutes (app: App, house: House): void {
  const tags = ['people']

  app.get('/api/v1/people', { config: { audience: 'operator' }, schema: { tags, summary: 'People of the site, page by page: all of them, or those that a search finds', querystring: PeopleQuery, response: { 200: PeopleAnswer } } }, async (request) =>
    findPeople(house, callerOf(request).siteId, request.query))

  app.get('/api/v1/people/:id', { config: { audience: 'operator' }, schema: { tags, summary: 'One person', params: IdParams, response: { 200: Person } } }, async (request) =>
    findPerson(house, callerOf(request).siteId, request.params.id))

  app.get('/api/v1/people/:id/code-log', { config: { audience: 'operator' }, schema: { tags, summary: 'Codes that were made for a person, their states and deliveries, newest first; never digits', params: IdParams, querystring: CodeLogQuery, response: { 200: CodeLog } } }, async (request) =>
    codeLog(house, callerOf(request), request.params.id, request.query))

  app.post('/api/v1/people', { config: { audience: 'operator', needsProof: ({ body }) => (body as PersonForm).role !== 'member' }, schema: { tags, summary: 'Add a person, or invite one (without a password)', body: PersonForm, response: { 201: PersonAdded } } }, async (request, reply) => {
    const caller = callerOf(request)
    const { password, email, role } = request.body
    const form = { name: request.body.name.trim(), email, role }
    checkRoleToGive(caller, form.role)
    if (password !== undefined) checkPassword(password, form)
    const passwordHash = password === undefined ? null : await hashNewPassword(house, password)
    const me = await describeMe(house, caller.id)
    const { id, invitation } = await house.db.write(async (trx) => {
      const id = await addPerson(trx, house, { siteId: caller.siteId, ...form, passwordHash }, { id: caller.id, name: caller.name })
      const invitation = passwordHash === null ? await invite(trx, house, { person: { id, name: form.name, email: form.email }, siteName: me.site.name }) : null
      return { id, invitation }
    })
    return reply.status(201).send({ person: await findPerson(house, caller.siteId, id), invitation })
  })

  app.patch('/api/v1/people/:id', { config: { audience: 'operator', needsProof: ({ body }) => changesPower(body) }, schema: { tags, summary: 'Change, suspend or resume a person', params: IdParams, body: PersonChange, response: { 200: Ended } } }, async (request) =>
    house.db.write((trx) => changePerson(trx, house, request.params.id, request.body, callerOf(request))))

  app.delete('/api/v1/people/:id', { config: { audience: 'operator', needsProof: true }, schema: { tags, summary: 'Remove a person; their sessions, grants and codes end', params: IdParams, response: { 200: Ended } } }, async (request) =>
    house.db.write((trx) => removePerson(trx, house, request.params.id, callerOf(request))))

  app.post('/api/v1/people/:id/sign-out', { config: { audience: 'operator' }, schema: { tags, summary: 'Sign a person out everywhere', params: IdParams, response: { 200: SessionsEnded } } }, async (request) =>
    house.db.write((trx) => signPersonOut(trx, house, request.params.id, callerOf(request))))

  app.post('/api/v1/people/:id/reset-password', { config: { audience: 'operator', needsProof: true }, schema: { tags, summary: 'Take a password away and mail a link to choose another', params: IdParams, response: { 200: PasswordReset } } }, async (request) =>
    house.db.write((trx) => resetPassword(trx, house, request.params.id, callerOf(request))))

  void app.register(async (scope) => importRoutes(scope as App, house))

  app.post('/api/v1/invitations/accept', { config: { audience: 'everybody' }, schema: { tags, summary: 'Set the first password by the link of an invitation; signs in', body: InvitationForm, response: { 200: SignedIn } } }, async (request, reply) => {
    acceptTriesOf(house).take(networkOf(request.ip))
    return answerEntered(house, request, reply, await acceptInvitation(house, request.body, visitorOf(house, request)))
  })
}

/** What gives somebody another role, or theirs back, or lets another mailbox recover the account. */
function changesPower (body: unknown): boolean {
  // The schema has let it in.
  const { role, email, suspended } = body as PersonChange
  return role !== undefined || email !== undefined || suspended === false
}
