import { Type, type Static } from 'typebox'
import { Id, Language, words } from './common.ts'

/** What codes are sent in. */
export const MessageLanguage = Language
export type MessageLanguage = Static<typeof MessageLanguage>
/** `text`: by SMS and WhatsApp; `voice`: read out; `email`. */
export const TemplateKind = words('text', 'voice', 'email')
export type TemplateKind = Static<typeof TemplateKind>

const Subject = Type.String({ maxLength: 120, description: 'of an e-mail: {site} stands for the name of the site. Empty otherwise' })
const Text = Type.String({ minLength: 1, maxLength: 1000, description: '{code}, {site} and {minutes} stand for themselves; {code} has to be there' })

export const MessageTemplate = Type.Object({ kind: TemplateKind, language: MessageLanguage, subject: Subject, text: Text, isOwn: Type.Boolean({ description: 'changed here; else as it comes with the program' }) })
export type MessageTemplate = Static<typeof MessageTemplate>
/** GET /api/v1/message-templates. `language`: of those whose program names none. */
export const MessageTemplates = Type.Object({ language: MessageLanguage, templates: Type.Array(MessageTemplate) })
export type MessageTemplates = Static<typeof MessageTemplates>
/** POST /api/v1/message-templates/reset */
export const WhichTemplate = Type.Object({ kind: TemplateKind, language: MessageLanguage })
export type WhichTemplate = Static<typeof WhichTemplate>
/** PATCH /api/v1/message-templates. Without a subject that of an e-mail stays ours. */
export const TemplateForm = Type.Object({ kind: TemplateKind, language: MessageLanguage, subject: Type.Optional(Subject), text: Text })
export type TemplateForm = Static<typeof TemplateForm>
/** POST /api/v1/message-templates/preview: of the words that are given, else of those in use. */
export const PreviewForm = Type.Object({ kind: TemplateKind, language: MessageLanguage, subject: Type.Optional(Subject), text: Type.Optional(Text) })
export type PreviewForm = Static<typeof PreviewForm>
/** POST /api/v1/message-templates/language */
export const TemplateSettings = Type.Object({ language: MessageLanguage })
export type TemplateSettings = Static<typeof TemplateSettings>
export const TemplatePreview = Type.Object({
  subject: Type.String(), text: Type.String({ description: 'as somebody gets it, with a made-up code' }),
  alphabet: words('gsm7', 'ucs2'), characters: Type.Integer({ description: 'as SMS counts them: some are two' }), segments: Type.Integer({ description: 'messages that an SMS of it is, and is paid as' }),
  lastLine: Type.Union([Type.String(), Type.Null()], { description: 'the last one of `text`, by which browsers offer the code (WebOTP): it is added to every SMS and e-mail. null: a call has none' }),
  faults: Type.Array(Type.Object({ field: words('subject', 'text'), needs: Type.String() }), { description: 'why it would be refused; empty: it would be taken' })
})
export type TemplatePreview = Static<typeof TemplatePreview>

/** POST /api/v1/receipts/gateway, signed: what a gateway says of a message that it took. */
export const GatewayReceipt = Type.Object({ type: Type.Literal('receipt'), id: Id, state: words('sent', 'delivered', 'failed'), providerId: Type.Optional(Type.String({ maxLength: 100 })), fault: Type.Optional(Type.String({ maxLength: 100 })) })
export type GatewayReceipt = Static<typeof GatewayReceipt>
