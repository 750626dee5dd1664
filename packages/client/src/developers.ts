import type { ApiKeyForm, ApiKeyMade, ApiKeysAnswer, ChannelsAnswer, ChannelTest, ChannelTestForm, HomeAssistantAllow, HomeAssistantForm, HomeAssistantState, HomeAssistantTest, MessageLanguage, MessageTemplates, PreviewForm, RotateForm, TemplateForm, TemplatePreview, TestRecipientForm, TestRecipients, Webhook, WebhookChange, WebhookDeliveries, WebhookForm, WebhookMade, WebhooksAnswer, WhichTemplate } from '@oncekey/protocol/schemas'
import type { Call } from './http.ts'

/** What administrators set up for other programs: apart from the client, so that only that page carries it. */
export function developerVerbs (call: Call) {
  const api = 'api/v1/'
  const at = (folder: string, id: string, rest = ''): string => api + folder + '/' + encodeURIComponent(id) + rest
  return {
    apiKeys: {
      list: () => call<ApiKeysAnswer>('GET', api + 'api-keys'),
      /** The answer carries the secret, once. */
      make: (form: ApiKeyForm) => call<ApiKeyMade>('POST', api + 'api-keys', { body: form }),
      /** Another secret, in the answer, once; the one before works on for the hours of grace. */
      rotate: (id: string, form: RotateForm) => call<ApiKeyMade>('POST', at('api-keys', id, '/rotate'), { body: form }),
      revoke: (id: string) => call('DELETE', at('api-keys', id))
    },
    /** Programs that are told what becomes of verifications. */
    webhooks: {
      list: () => call<WebhooksAnswer>('GET', api + 'webhooks'),
      /** The answer carries the secret, once. */
      make: (form: WebhookForm) => call<WebhookMade>('POST', api + 'webhooks', { body: form }),
      /** Other events; a pause, or its end. */
      change: (id: string, form: WebhookChange) => call<Webhook>('PATCH', at('webhooks', id), { body: form }),
      rotate: (id: string, form: RotateForm) => call<WebhookMade>('POST', at('webhooks', id, '/rotate'), { body: form }),
      remove: (id: string) => call('DELETE', at('webhooks', id)),
      /** Sends a message that says nothing. */
      test: (id: string) => call<WebhookDeliveries>('POST', at('webhooks', id, '/test')),
      /** What became of the latest messages. */
      deliveries: (id: string) => call<WebhookDeliveries>('GET', at('webhooks', id, '/deliveries')),
      /** Sends one again, under its own id. */
      replay: (deliveryId: string) => call<WebhookDeliveries>('POST', at('webhook-deliveries', deliveryId, '/replay'))
    },
    /** The broker of Home Assistant, and what may be moved from there. */
    homeAssistant: {
      state: () => call<HomeAssistantState>('GET', api + 'home-assistant'),
      change: (form: HomeAssistantForm) => call<HomeAssistantState>('PATCH', api + 'home-assistant', { body: form }),
      /** How far a connection of its own comes with what is kept. */
      test: () => call<HomeAssistantTest>('POST', api + 'home-assistant/test'),
      allow: (accessPointId: string, form: HomeAssistantAllow) => call('PATCH', at('access-points', accessPointId, '/home-assistant'), { body: form })
    },
    /** Recipients with a fixed code, for tests. */
    testRecipients: {
      list: () => call<TestRecipients>('GET', api + 'test-recipients'),
      add: (form: TestRecipientForm) => call<TestRecipients>('POST', api + 'test-recipients', { body: form }),
      remove: (id: string) => call('DELETE', at('test-recipients', id))
    },
    /** The words that codes are sent in; for administrators. */
    templates: {
      list: () => call<MessageTemplates>('GET', api + 'message-templates'),
      change: (form: TemplateForm) => call<MessageTemplates>('PATCH', api + 'message-templates', { body: form }),
      reset: (which: WhichTemplate) => call<MessageTemplates>('POST', api + 'message-templates/reset', { body: which }),
      /** Of words that are given, else of those in use. */
      preview: (form: PreviewForm) => call<TemplatePreview>('POST', api + 'message-templates/preview', { body: form }),
      /** For programs that name no language. */
      chooseLanguage: (language: MessageLanguage) => call<MessageTemplates>('POST', api + 'message-templates/language', { body: { language } })
    },
    /** Which ways out are set up, and how they have done of late. */
    channels: () => call<ChannelsAnswer>('GET', api + 'channels'),
    /** Sends yourself a real message by one of them alone; mail goes to your own address. */
    tryChannel: (form: ChannelTestForm) => call<ChannelTest>('POST', api + 'channel-tests', { body: form }),
    /** What the other side has said of such a message. */
    channelTest: (id: string) => call<ChannelTest>('GET', at('channel-tests', id))
  }
}
