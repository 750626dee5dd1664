import { Alarm, AlarmRules, AlarmsAnswer, AlarmsQuery, AssignForm, IdParams, SnoozeForm } from '@oncekey/protocol/schemas'
import type { FastifyRequest } from 'fastify'
import type { House } from '../house.ts'
import { callerOf, isAtLeast, type App } from '../platform/http.ts'
import type { Trx } from '../platform/db.ts'
import { Problem } from '../platform/problems.ts'
import { findAlarm, findAlarms } from './queries.ts'
import { changeRules, readRules } from './rules.ts'
import { acknowledgeAlarm, assignAlarm, endAlarm, snoozeAlarm, type Step } from './steps.ts'

/** Alarms, for whoever works here; who is told of them is for administrators to say. */
export function alarmRoutes (app: App, house: House): void {
  const tags = ['alarms']

  app.get('/api/v1/alarms', { config: { audience: 'operator' }, schema: { tags, summary: 'What is wrong, and where', querystring: AlarmsQuery, response: { 200: AlarmsAnswer } } }, async (request) =>
    findAlarms(house, callerOf(request).siteId, request.query, isAtLeast(callerOf(request).role, 'admin')))

  app.post('/api/v1/alarms/:id/acknowledge', { config: { audience: 'operator' }, schema: { tags, summary: 'I have seen it', params: IdParams, response: { 200: Alarm } } }, async (request) =>
    take(request, request.params.id, (trx, step) => acknowledgeAlarm(trx, house, step)))

  app.post('/api/v1/alarms/:id/snooze', { config: { audience: 'operator' }, schema: { tags, summary: 'Tell me again later', params: IdParams, body: SnoozeForm, response: { 200: Alarm } } }, async (request) =>
    take(request, request.params.id, (trx, step) => snoozeAlarm(trx, house, step, request.body.minutes)))

  app.post('/api/v1/alarms/:id/assign', { config: { audience: 'operator' }, schema: { tags, summary: 'Give it to somebody who works here', params: IdParams, body: AssignForm, response: { 200: Alarm } } }, async (request) =>
    take(request, request.params.id, (trx, step) => assignAlarm(trx, house, step, request.body.personId)))

  app.post('/api/v1/alarms/:id/end', { config: { audience: 'operator' }, schema: { tags, summary: 'It is over', params: IdParams, response: { 200: Alarm } } }, async (request) =>
    take(request, request.params.id, (trx, step) => endAlarm(trx, house, step)))

  app.get('/api/v1/alarm-rules', { config: { audience: 'operator' }, schema: { tags, summary: 'Who is told of which alarms, and how', response: { 200: AlarmRules } } }, async (request) =>
    readRules(house.db.ask, callerOf(request).siteId))

  app.patch('/api/v1/alarm-rules', { config: { audience: 'admin' }, schema: { tags, summary: 'Change who is told', body: AlarmRules, response: { 200: AlarmRules } } }, async (request) => {
    const { id, name, siteId } = callerOf(request)
    return house.db.write((trx) => changeRules(trx, house, siteId, request.body, { id, name }))
  })

  async function take (request: FastifyRequest, alarmId: string, change: (trx: Trx, step: Step) => Promise<void>): Promise<Alarm> {
    const { id, name, siteId, role } = callerOf(request)
    const seesDuress = isAtLeast(role, 'admin')
    return house.db.write(async (trx) => {
      await change(trx, { siteId, id: alarmId, actor: { id, name }, seesDuress })
      const alarm = await findAlarm(trx.prepare, house.clock(), siteId, alarmId, seesDuress)
      if (alarm === null) throw new Problem('notFound')
      return alarm
    })
  }
}
