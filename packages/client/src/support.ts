import type { ContactForm, ConversationAnswer, ConversationChange, ConversationDetail, ConversationsAnswer, ConversationsQuery, OwnConversation, OwnConversations } from '@oncekey/protocol/schemas'
import type { Call } from './http.ts'

const api = 'api/v1/'

/** Questions of whoever has some, signed in or not. */
export function contactVerbs (call: Call) {
  return {
    send: (form: ContactForm) => call('POST', api + 'contact', { body: form }),
    /** What one has asked, and the answers. */
    mine: () => call<OwnConversations>('GET', api + 'me/conversations'),
    writeAgain: (id: string, text: string) => call('POST', api + 'me/conversations/' + encodeURIComponent(id) + '/messages', { body: { text } }),
    /** By the link of a mail. */
    linked: (token: string) => call<OwnConversation>('POST', api + 'contact/conversation', { body: { token } }),
    writeByLink: (token: string, text: string) => call('POST', api + 'contact/messages', { body: { token, text } })
  }
}

/** Questions as operators see them. */
export function conversationVerbs (call: Call) {
  const of = (id: string, rest = ''): string => api + 'conversations/' + encodeURIComponent(id) + rest
  return {
    /** A page; `after` is the `next` of the one before. */
    list: (query: ConversationsQuery = {}) => call<ConversationsAnswer>('GET', api + 'conversations', { query }),
    get: (id: string) => call<ConversationDetail>('GET', of(id)),
    answer: (id: string, form: ConversationAnswer) => call<ConversationDetail>('POST', of(id, '/messages'), { body: form }),
    change: (id: string, form: ConversationChange) => call<ConversationDetail>('PATCH', of(id), { body: form }),
    remove: (id: string) => call('DELETE', of(id))
  }
}
