import type { Language, MessageTemplates, PreviewForm, TemplatePreview, MessageTemplate } from '@oncekey/protocol/schemas'
import type { House } from '../house.ts'
import { wordsIn } from './change.ts'
import { faultsOf } from './faults.ts'
import { fill, hasLastLine } from './fill.ts'
import { smsSize } from './gsm.ts'
import { kinds, languages, ours } from './ours.ts'
import { languageIn } from './words.ts'

/** Every template of a site as it is in use, by kind and language. */
export async function findTemplates (house: House, siteId: string): Promise<MessageTemplates> {
  const site = await house.db.read.selectFrom('sites').select('message_language').where('id', '=', siteId).executeTakeFirst()
  const own = await house.db.read.selectFrom('message_templates').select(['kind', 'language', 'subject', 'text']).where('site_id', '=', siteId).execute()
  return {
    language: languageIn(site?.message_language),
    templates: kinds.flatMap((kind) => languages.map((language): MessageTemplate => {
      const changed = own.find((one) => one.kind === kind && one.language === language)
      return { kind, language, ...ours[kind][language], ...changed, isOwn: changed !== undefined }
    }))
  }
}

/** How words would look with this site's name and host, and whether they would be taken. @param reader in which language faults are told */
export async function previewTemplate (house: House, siteId: string, { kind, language, ...form }: PreviewForm, reader: Language): Promise<TemplatePreview> {
  const { templates } = await findTemplates(house, siteId)
  const inUse = templates.find((one) => one.kind === kind && one.language === language) ?? ours[kind][language]
  const words = wordsIn({ kind, language, subject: form.subject ?? inUse.subject, text: form.text ?? inUse.text })
  const site = await house.db.read.selectFrom('sites').select('name').where('id', '=', siteId).executeTakeFirst()
  const channel = kind === 'text' ? 'sms' : kind
  const { subject, text } = fill(words, kind, channel, { site: site?.name ?? '', code: '123456', minutes: 10, host: new URL(house.link('/')).hostname })
  return { subject, text, ...smsSize(text), lastLine: hasLastLine(channel) ? text.slice(text.lastIndexOf('\n') + 1) : null, faults: faultsOf(kind, language, words).map(({ field, needs }) => ({ field, needs: needs[reader] })) }
}
