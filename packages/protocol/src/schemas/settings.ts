import { Type, type Static } from 'typebox'
import { words } from './common.ts'

/** What a setting is set to. Null: nothing, where that is one of its values. */
export const SettingValue = Type.Union([Type.Boolean(), Type.Integer({ minimum: 0, maximum: 1e12 }), Type.String({ maxLength: 254 }), Type.Array(Type.String({ maxLength: 190 }), { maxItems: 300 }), Type.Null()])
export type SettingValue = Static<typeof SettingValue>

export const SettingKey = words('registration.who', 'registration.domains', 'guard.countries', 'guard.adaptive', 'guard.currency', 'guard.capSms', 'guard.capWhatsapp', 'guard.capVoice', 'backups.everyHours', 'backups.keep', 'audit.witness', 'messages.language', 'compat.on', 'demo.forStrangers')
export type SettingKey = Static<typeof SettingKey>
const SettingGroup = words('people', 'guard', 'record', 'programs')

/** A setting that is changed by itself, and holds at once. */
export const Setting = Type.Object({
  key: SettingKey, group: SettingGroup, kind: words('switch', 'number', 'choice', 'list', 'text'), page: Type.String({ description: 'of the app, which has what belongs to it' }),
  value: SettingValue, byDefault: SettingValue, choices: Type.Array(Type.String(), { description: 'of a choice' }),
  least: Type.Union([Type.Integer(), Type.Null()], { description: 'of a number' }), most: Type.Union([Type.Integer(), Type.Null()]),
  canBeNone: Type.Boolean({ description: 'null is one of its values' }), mayChange: Type.Boolean({ description: 'by whoever asks' })
})
export type Setting = Static<typeof Setting>

/** Settings that have a page of their own, and what they are like now. */
export const SettingRoom = Type.Object({
  key: words('alarmRules', 'holidays', 'controllers', 'retention', 'backupPassphrase', 'channels', 'templates', 'webhooks', 'apiKeys', 'homeAssistant', 'testRecipients'),
  group: SettingGroup, page: Type.String(), count: Type.Integer({ minimum: 0, description: 'how many there are; 1 or 0 for what is on or off' })
})
export type SettingRoom = Static<typeof SettingRoom>

/** What the program is started with: changed there, read at its next start. */
export const SettingVariable = Type.Object({
  name: Type.String(), group: words('reach', 'tls', 'storage', 'messages', 'signIn'), isSecret: Type.Boolean(),
  from: words('environment', 'secretFile', 'settingsFile', 'nobody'), value: Type.Union([Type.String(), Type.Null()], { description: 'null: nobody set it, or it is a secret' }),
  byDefault: Type.Union([Type.String(), Type.Null()], { description: 'null: nothing, or it depends' })
})
export type SettingVariable = Static<typeof SettingVariable>

/** GET /api/v1/settings. Operators see what they may see elsewhere; variables are for administrators. */
export const SettingsAnswer = Type.Object({ settings: Type.Array(Setting), rooms: Type.Array(SettingRoom), variables: Type.Array(SettingVariable) })
export type SettingsAnswer = Static<typeof SettingsAnswer>

/** PATCH /api/v1/settings. `before`: what was seen; changedMeanwhile when it is something else by now. */
export const SettingChange = Type.Object({ key: SettingKey, value: SettingValue, before: SettingValue }, { additionalProperties: false })
export type SettingChange = Static<typeof SettingChange>

/** POST /api/v1/mail-tests: how far a real mail to oneself came, step by step. */
export const MailStep = words('name', 'connection', 'tls', 'login', 'sender', 'recipient', 'message')
export type MailStep = Static<typeof MailStep>
export const MailTest = Type.Object({
  host: Type.String(), port: Type.Integer(), from: Type.String(), to: Type.String(),
  steps: Type.Array(Type.Object({ step: MailStep, is: words('done', 'failed', 'skipped', 'notReached') }), { description: 'in their order. Skipped: the server offers no TLS, or nobody signs in' }),
  fault: Type.Union([Type.String(), Type.Null()], { description: 'of the step that failed: a word, and the number that the server answered with' })
})
export type MailTest = Static<typeof MailTest>
