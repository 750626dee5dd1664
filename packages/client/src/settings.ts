import type { MailTest, SettingChange, SettingsAnswer } from '@oncekey/protocol/schemas'
import type { Call } from './http.ts'

/** Every setting on one page: apart from the client, so that only that page carries it. */
export function settingVerbs (call: Call) {
  const settings = 'api/v1/settings'
  return {
    get: () => call<SettingsAnswer>('GET', settings),
    /** `before`: what was seen; refused with changedMeanwhile when it is something else by now. */
    change: (change: SettingChange) => call<SettingsAnswer>('PATCH', settings, { body: change }),
    /** A mail to oneself, with the step that fails; takes up to 20 s. */
    tryMail: () => call<MailTest>('POST', 'api/v1/mail-tests')
  }
}
