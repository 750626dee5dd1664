import { BackupForm, BackupParams, BackupsAnswer, BackupScheduleForm } from '@oncekey/protocol/schemas'
import type { FastifyRequest } from 'fastify'
import { Type } from 'typebox'
import type { Named } from '../audit/append.ts'
import type { House } from '../house.ts'
import { callerOf, type App } from '../platform/http.ts'
import { describeBackups } from './describe.ts'
import { readBackup, removeBackup } from './folder.ts'
import { beginBackup } from './run.ts'
import { changeSchedule } from './schedule.ts'

/** Backups, for administrators. A backup has the keys of the installation in it: its file is for owners, who prove again who they are. */
export function backupRoutes (app: App, house: House): void {
  const tags = ['backups']

  app.get('/api/v1/backups', {
    config: { audience: 'admin' }, schema: { tags, summary: 'Backups, when the next one is made, and how far one is', response: { 200: BackupsAnswer } }
  }, async () => describeBackups(house))

  app.post('/api/v1/backups', {
    config: { audience: 'admin', needsProof: true }, schema: { tags, summary: 'Make a backup now; it goes on by itself', body: BackupForm, response: { 202: BackupsAnswer } }
  }, async (request, reply) => {
    beginBackup(house, { by: actorOf(request), passphrase: request.body.passphrase ?? null })
    return reply.status(202).send(await describeBackups(house))
  })

  app.patch('/api/v1/backups/schedule', {
    config: { audience: 'admin', needsProof: true }, schema: { tags, summary: 'Set when backups are made by themselves', body: BackupScheduleForm, response: { 200: BackupsAnswer } }
  }, async (request) => {
    await house.db.write((trx) => changeSchedule(trx, house, request.body, actorOf(request)))
    return describeBackups(house)
  })

  app.get('/api/v1/backups/:id', {
    config: { audience: 'owner', needsProof: true }, schema: { tags, summary: 'The file of a backup', params: BackupParams }
  }, async (request, reply) => {
    const { id } = request.params
    const { stream, bytes } = await readBackup(house.config, id)
    // Whether it may be had, and how large it is: a page asks so before it lets a browser keep the file.
    if (request.method === 'HEAD') {
      stream.destroy()
      return reply.type('application/octet-stream').header('content-length', String(bytes)).send('')
    }
    stream.once('error', (error) => { house.log.warn('a download of a backup ended early', { error }) })
    // Nothing leaves the house before the note is durable.
    await house.db.write(async (trx) => { house.audit.append(trx, house.clock(), { event: 'backup.taken', actor: actorOf(request), details: { name: id, bytes } }) })
    return reply.type('application/octet-stream').header('content-length', String(bytes)).header('content-disposition', `attachment; filename="${id}.backup"`).send(stream)
  })

  app.delete('/api/v1/backups/:id', {
    config: { audience: 'admin', needsProof: true }, schema: { tags, summary: 'Remove a backup', params: BackupParams, response: { 204: Type.Null() } }
  }, async (request, reply) => {
    await removeBackup(house.config, request.params.id)
    await house.db.write(async (trx) => { house.audit.append(trx, house.clock(), { event: 'backup.removed', actor: actorOf(request), details: { name: request.params.id } }) })
    return reply.status(204).send(null)
  })
}

function actorOf (request: FastifyRequest): Named {
  const { id, name } = callerOf(request)
  return { id, name }
}
