import type { MessageLanguage, TemplateKind } from '@oncekey/protocol/schemas'
import type { Row, Sheet, Trx } from '../platform/db.ts'
import { languages, ours, type Words } from './ours.ts'

/** In which language a site writes, what it calls itself, and its words: its own, else ours. */
export type SiteWords = { site: string, language: MessageLanguage, wordsOf: (kind: TemplateKind) => Words }

const read: Sheet<readonly Row[]> = {}

/** The same for all messages of a group of writes. @param wished null: the site's language */
export async function wordsOfSite (trx: Trx, siteId: string, wished: MessageLanguage | null): Promise<SiteWords> {
  const name = `${siteId} ${wished ?? ''}`
  const known = trx.look(read, name)
  const rows = known ?? await trx.prepare(`SELECT s.name, s.message_language, t.kind, t.subject, t.text FROM sites s
    LEFT JOIN message_templates t ON t.site_id = s.id AND t.language = coalesce(?, s.message_language) WHERE s.id = ?`).all(wished, siteId)
  if (known === undefined) trx.learn(read, name, rows)
  const language = wished ?? languageIn(rows[0]?.['message_language'])
  return {
    site: String(rows[0]?.['name'] ?? ''), language,
    wordsOf (kind) {
      const own = rows.find((row) => row['kind'] === kind)
      return own === undefined ? ours[kind][language] : { subject: String(own['subject']), text: String(own['text']) }
    }
  }
}

/** What a column says; English for what no version of ours has written. */
export function languageIn (value: unknown): MessageLanguage {
  return languages.find((one) => one === value) ?? 'en'
}
