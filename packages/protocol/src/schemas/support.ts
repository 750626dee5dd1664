import { Type, type Static } from 'typebox'
import { Email, Id, Moment, Name, words } from './common.ts'

const Text = Type.String({ minLength: 1, maxLength: 4000, pattern: '\\S' })

/** POST /api/v1/contact, signed in or not. */
export const ContactForm = Type.Object({ name: Name, email: Email, message: Text })
export type ContactForm = Static<typeof ContactForm>

/** `open`: the other side has the last word; `answered`: we have it; `closed`: nobody waits for anything. */
export const ConversationState = words('open', 'answered', 'closed')
export type ConversationState = Static<typeof ConversationState>

/** A row of GET /api/v1/conversations. */
export const Conversation = Type.Object({
  id: Id, subject: Type.String({ description: 'how its first message begins' }), name: Type.String(), email: Type.String(),
  personId: Type.Union([Id, Type.Null()], { description: 'who was signed in; null: a stranger, who may not be who they say' }),
  state: ConversationState, messages: Type.Integer({ minimum: 1 }), createdAt: Moment, lastAt: Moment
})
export type Conversation = Static<typeof Conversation>

export const ConversationsQuery = Type.Object({
  state: Type.Optional(ConversationState), after: Type.Optional(Type.String({ pattern: '^\\d{1,16}\\.[0-9a-f-]{36}$', description: 'the `next` of the page before' })),
  limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 100 }))
})
export type ConversationsQuery = Static<typeof ConversationsQuery>

export const ConversationsAnswer = Type.Object({ conversations: Type.Array(Conversation, { description: 'what moved last first' }), open: Type.Integer({ description: 'of all pages' }), next: Type.Union([Type.String(), Type.Null()]) })
export type ConversationsAnswer = Static<typeof ConversationsAnswer>

export const ConversationMessage = Type.Object({
  position: Type.Integer({ minimum: 1 }), author: words('asker', 'operator'), name: Type.String(), text: Type.String(), at: Moment,
  mail: Type.Union([words('waiting', 'sent', 'failed'), Type.Null()], { description: 'of an answer: what became of its mail; null: none was sent, or that is long ago' })
})
export type ConversationMessage = Static<typeof ConversationMessage>

/** GET /api/v1/conversations/{id}. `canAnswer` false: the asker has no account and mail is not set up. */
export const ConversationDetail = Type.Object({ conversation: Conversation, messages: Type.Array(ConversationMessage), canAnswer: Type.Boolean() })
export type ConversationDetail = Static<typeof ConversationDetail>

/** POST /api/v1/conversations/{id}/messages. `seen`: the last position on the page, so that two operators do not answer the same. */
export const ConversationAnswer = Type.Object({ text: Text, seen: Type.Integer({ minimum: 1 }), close: Type.Optional(Type.Boolean()) })
export type ConversationAnswer = Static<typeof ConversationAnswer>

/** PATCH /api/v1/conversations/{id} */
export const ConversationChange = Type.Object({ state: words('open', 'closed') })
export type ConversationChange = Static<typeof ConversationChange>

/** What an asker sees of a conversation: their own words and the answers. */
export const OwnConversation = Type.Object({
  id: Id, subject: Type.String(), state: ConversationState, lastAt: Moment,
  messages: Type.Array(Type.Object({ author: words('asker', 'operator'), name: Type.String(), text: Type.String(), at: Moment }))
})
export type OwnConversation = Static<typeof OwnConversation>

/** GET /api/v1/me/conversations */
export const OwnConversations = Type.Object({ conversations: Type.Array(OwnConversation, { description: 'what moved last first, at most 50' }) })
export type OwnConversations = Static<typeof OwnConversations>
/** POST /api/v1/me/conversations/{id}/messages */
export const FollowUp = Type.Object({ text: Text })
export type FollowUp = Static<typeof FollowUp>

const LinkToken = Type.String({ minLength: 20, maxLength: 64, description: 'of the link in the mail' })
/** POST /api/v1/contact/conversation: by the link in a mail, without an account. */
export const LinkedConversation = Type.Object({ token: LinkToken })
export type LinkedConversation = Static<typeof LinkedConversation>
/** POST /api/v1/contact/messages */
export const LinkedFollowUp = Type.Object({ token: LinkToken, text: Text })
export type LinkedFollowUp = Static<typeof LinkedFollowUp>
