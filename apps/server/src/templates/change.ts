import type { MessageLanguage, TemplateForm, WhichTemplate } from '@oncekey/protocol/schemas'
import type { Named } from '../audit/append.ts'
import type { House } from '../house.ts'
import type { Trx } from '../platform/db.ts'
import { Problem } from '../platform/problems.ts'
import { faultsOf } from './faults.ts'
import { ours, type Words } from './ours.ts'

/** Gives a site words of its own. @throws Problem badRequest with everything that is wrong with them */
export async function changeTemplate (trx: Trx, house: House, siteId: string, form: TemplateForm, actor: Named): Promise<void> {
  const now = house.clock()
  const { kind, language } = form
  const words = wordsIn(form)
  const errors = faultsOf(kind, language, words)
  if (errors.length > 0) throw new Problem('badRequest', { errors })
  await trx.prepare(`INSERT INTO message_templates (site_id, kind, language, subject, text, changed_at) VALUES (?, ?, ?, ?, ?, ?)
    ON CONFLICT (site_id, kind, language) DO UPDATE SET subject = excluded.subject, text = excluded.text, changed_at = excluded.changed_at`).run(siteId, kind, language, words.subject, words.text, now)
  house.audit.append(trx, now, { event: 'template.changed', actor, details: { kind, language, subject: words.subject, text: words.text } })
}

/** Back to the words that come with the program; harmless when they are in use. */
export async function resetTemplate (trx: Trx, house: House, siteId: string, { kind, language }: WhichTemplate, actor: Named): Promise<void> {
  const { changes } = await trx.prepare('DELETE FROM message_templates WHERE site_id = ? AND kind = ? AND language = ?').run(siteId, kind, language)
  if (changes > 0) house.audit.append(trx, house.clock(), { event: 'template.changed', actor, details: { kind, language, ...ours[kind][language] } })
}

/** In which language codes are sent for programs that name none. */
export async function changeLanguage (trx: Trx, house: House, siteId: string, language: MessageLanguage, actor: Named): Promise<void> {
  const { changes } = await trx.prepare('UPDATE sites SET message_language = ? WHERE id = ? AND message_language <> ?').run(language, siteId, language)
  if (changes > 0) house.audit.append(trx, house.clock(), { event: 'template.languageChanged', actor, details: { language } })
}

/** What a form means; a subject that is not in it stays ours. */
export function wordsIn ({ kind, language, subject = ours[kind][language].subject, text }: TemplateForm): Words {
  return { subject: subject.trim(), text: text.replaceAll('\r\n', '\n').trim() }
}
