import { Type, type Static } from 'typebox'
import { MessageLanguage } from './templates.ts'
import { Verification, VerificationChannel } from './verifications.ts'

/** PATCH /api/v1/demo */
export const DemoSettings = Type.Object({ forStrangers: Type.Boolean({ description: 'whether the page is also for who is not signed in as an operator' }) })
export type DemoSettings = Static<typeof DemoSettings>

/** GET /api/v1/demo: what the demo page offers to whoever asks. */
export const Demo = Type.Object({
  isOpen: Type.Boolean({ description: 'for whoever asks' }),
  /** Null: it is not for whoever asks to know. */
  forStrangers: Type.Union([Type.Boolean(), Type.Null()], { description: 'as it is set; null for who is no operator' }),
  realChannels: Type.Array(VerificationChannel, { description: 'by which whoever asks may send a code for real: of operators, what is set up' })
})
export type Demo = Static<typeof Demo>

/** POST /api/v1/demo/verifications */
export const DemoForm = Type.Object({
  to: Type.String({ minLength: 1, maxLength: 254, description: 'a phone number or an e-mail address, as for POST /api/v1/verifications' }),
  channel: Type.Optional(VerificationChannel), language: Type.Optional(MessageLanguage),
  isReal: Type.Optional(Type.Boolean({ description: 'operators: send it by the channel that is set up, as an ordinary verification. Default: it stays here' }))
})
export type DemoForm = Static<typeof DemoForm>

/** The message in the inbox beside the form, while its code lives. `subject`: of a mail. */
export const DemoMessage = Type.Object({ subject: Type.String(), text: Type.String() })
export type DemoMessage = Static<typeof DemoMessage>

/** How a demonstration stands. */
export const DemoRun = Type.Object({
  verification: Verification, message: Type.Union([DemoMessage, Type.Null()], { description: 'null: not there yet, over, or sent for real' }),
  isReal: Type.Boolean(), now: Type.Integer({ description: 'the server\'s time, ms since 1970' })
})
export type DemoRun = Static<typeof DemoRun>

/** POST /api/v1/demo/verifications/{id}/check */
export const DemoVerdict = Type.Object({ isRight: Type.Boolean(), run: DemoRun })
export type DemoVerdict = Static<typeof DemoVerdict>
