import { MessageTemplates, PreviewForm, TemplateForm, TemplatePreview, TemplateSettings, WhichTemplate } from '@oncekey/protocol/schemas'
import type { House } from '../house.ts'
import { callerOf, type App } from '../platform/http.ts'
import { languageFrom } from '../platform/language.ts'
import { changeLanguage, changeTemplate, resetTemplate } from './change.ts'
import { findTemplates, previewTemplate } from './find.ts'

const tags = ['templates']
const config = { audience: 'admin' as const }
const response = { 200: MessageTemplates }

export function templateRoutes (app: App, house: House): void {
  app.get('/api/v1/message-templates', { config, schema: { tags, summary: 'The words that codes are sent in', response } }, (request) => findTemplates(house, callerOf(request).siteId))

  // With a proof: whoever sits down at an open session is not to write to everybody who asks for a code.
  app.patch('/api/v1/message-templates', { config: { ...config, needsProof: true }, schema: { tags, summary: 'Use words of your own', body: TemplateForm, response } }, async (request) => {
    const { id, name, siteId } = callerOf(request)
    await house.db.write((trx) => changeTemplate(trx, house, siteId, request.body, { id, name }))
    return findTemplates(house, siteId)
  })

  app.post('/api/v1/message-templates/reset', { config, schema: { tags, summary: 'Go back to the words that come with the program', body: WhichTemplate, response } }, async (request) => {
    const { id, name, siteId } = callerOf(request)
    await house.db.write((trx) => resetTemplate(trx, house, siteId, request.body, { id, name }))
    return findTemplates(house, siteId)
  })

  app.post('/api/v1/message-templates/preview', { config, schema: { tags, summary: 'How words look, what they cost as SMS, and whether they would be taken', body: PreviewForm, response: { 200: TemplatePreview } } }, (request) => previewTemplate(house, callerOf(request).siteId, request.body, languageFrom(request.headers['accept-language'])))

  app.post('/api/v1/message-templates/language', { config, schema: { tags, summary: 'Choose the language of codes for programs that name none', body: TemplateSettings, response } }, async (request) => {
    const { id, name, siteId } = callerOf(request)
    await house.db.write((trx) => changeLanguage(trx, house, siteId, request.body.language, { id, name }))
    return findTemplates(house, siteId)
  })
}
