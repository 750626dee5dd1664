import type { ProblemBody, ProblemCode } from '@oncekey/protocol/problems'
import type {
  AccessPoint, AddressVerdict, ApiKeyMade, ApiKeysAnswer, AuditPage, Bank, Captcha, ChainState, ChallengeStarted, CodeIssued, CodesAnswer, CommissioningAnswer,
  CompatState, CompatTokenMade, Controller, Diagnosis, DoorCodes, DoorMode, DoorRecipient, DoorRecipients, Ended, FactorAdded, GrantsAnswer, GuardFigures, GuardSettings, GuardState, Hardening, ImageKey, InboxAnswer, Live, Me, MessageTemplates, MyAccess, MyFactors, MyHistory, MyProviders, MySessions, PasskeyOptions, PasswordReset, PeopleAnswer, Person, PinMade, PinsAnswer,
  PersonAdded, Places, ProofVerdict, ProviderLink, RecoveryCodes, RegistrationPolicy, RemoteAnswer, Revealed, RolloutAnswer, SessionsEnded, SetupState, Simulation, TemplatePreview, TotpSetup, UpdatesAnswer, TestRecipients, Verification,
  VerificationVerdict, Webhook, WebhookDeliveries, WebhookMade, WebhooksAnswer, WitnessState
} from '@oncekey/protocol/schemas'

export type Method = 'GET' | 'POST' | 'PATCH' | 'DELETE'

/** What each route answers when it serves. */
type Served = {
  'GET setup': SetupState
  'GET captcha': Captcha
  'GET updates': UpdatesAnswer
  'POST updates/keys': ImageKey
  'POST updates/rollouts': RolloutAnswer
  [rollout: `GET updates/rollouts/${string}`]: RolloutAnswer
  'GET webhooks': WebhooksAnswer
  'POST webhooks': WebhookMade
  [made: `POST webhooks/${string}/rotate`]: WebhookMade
  [tested: `POST webhooks/${string}/test`]: WebhookDeliveries
  [sent: `GET webhooks/${string}/deliveries`]: WebhookDeliveries
  [replayed: `POST webhook-deliveries/${string}/replay`]: WebhookDeliveries
  [changed: `PATCH webhooks/${string}`]: Webhook
  [rotated: `POST api-keys/${string}/rotate`]: ApiKeyMade
  'GET test-recipients': TestRecipients
  'POST test-recipients': TestRecipients
  'GET me': Me
  'PATCH me': Me
  'DELETE me': Ended
  'POST me/email': ChallengeStarted
  'POST me/email/confirm': AddressVerdict
  'GET me/history': MyHistory
  [history: `GET me/history?${string}`]: MyHistory
  'GET me/access': MyAccess
  'GET me/inbox': InboxAnswer
  'GET me/sessions': MySessions
  'DELETE me/sessions': SessionsEnded
  'POST me/password': SessionsEnded
  'GET me/factors': MyFactors
  'POST me/proof': ProofVerdict
  'GET me/providers': MyProviders
  'POST me/providers': ProviderLink
  'POST me/proof/passkey-options': PasskeyOptions
  'POST me/passkeys/setup': PasskeyOptions
  'POST me/totp/setup': TotpSetup
  'POST me/totp': FactorAdded
  'POST me/passkeys': FactorAdded
  'POST me/recovery-codes': RecoveryCodes
  'GET registration-policy': RegistrationPolicy
  [reveal: `POST me/inbox/${string}/reveal`]: Revealed
  'POST codes': CodeIssued
  'GET codes': CodesAnswer
  [codes: `GET codes?${string}`]: CodesAnswer
  'GET people': PeopleAnswer
  [found: `GET people?${string}`]: PeopleAnswer
  [person: `GET people/${string}`]: Person
  'POST people': PersonAdded
  [change: `PATCH people/${string}` | `DELETE people/${string}`]: Ended
  [out: `POST people/${string}/sign-out`]: SessionsEnded
  [reset: `POST people/${string}/reset-password`]: PasswordReset
  'GET places': Places
  'POST banks': Bank
  [compartments: `POST banks/${string}/compartments`]: Bank
  'POST doors': AccessPoint
  [rename: `PATCH access-points/${string}`]: AccessPoint
  [move: `POST access-points/${string}/${'unlock' | 'lock'}`]: RemoteAnswer
  'POST controllers/claim': Controller
  [simulation: `GET controllers/${string}/simulation`]: Simulation
  'POST commissioning': CommissioningAnswer
  'GET grants': GrantsAnswer
  [grants: `GET grants?${string}`]: GrantsAnswer
  'POST grants': GrantsAnswer
  'GET audit': AuditPage
  [audit: `GET audit?${string}`]: AuditPage
  'GET audit/chain': ChainState
  'GET audit/witness': WitnessState
  'PATCH audit/witness': WitnessState
  'GET live': Live
  'GET diagnostics': Diagnosis
  [recipients: `GET access-points/${string}/recipients`]: DoorRecipients
  [recipient: `POST access-points/${string}/recipients`]: DoorRecipient
  [pins: `GET access-points/${string}/pins`]: PinsAnswer
  [pin: `POST access-points/${string}/pins`]: PinMade
  [doorMode: `GET access-points/${string}/door-mode`]: DoorMode
  'GET door-codes': DoorCodes
  [doorCodes: `GET door-codes?${string}`]: DoorCodes
  'GET compat': CompatState
  'PATCH compat': CompatState
  'POST compat/tokens': CompatTokenMade
  'GET diagnostics/hardening': Hardening
  'GET api-keys': ApiKeysAnswer
  'POST api-keys': ApiKeyMade
  'GET guard': GuardState
  'GET guard/figures': GuardFigures
  [figures: `GET guard/figures?${string}`]: GuardFigures
  'PATCH guard/settings': GuardSettings
  'POST verifications': Verification
  'GET message-templates': MessageTemplates
  'PATCH message-templates': MessageTemplates
  'POST message-templates/reset': MessageTemplates
  'POST message-templates/language': MessageTemplates
  'POST message-templates/preview': TemplatePreview
  [verification: `GET verifications/${string}` | `POST verifications/${string}/${'resend' | 'cancel'}`]: Verification
  [check: `POST verifications/${string}/check`]: VerificationVerdict
}
/** The body of a route; unknown for one that is made up as the test goes. */
export type BodyOf<Route extends string> = Route extends keyof Served ? Served[Route] : unknown

/** What came of a request: the `body` of what was served, the `problem` of what was not. Asking for the other one fails the test and says what came. */
export class Answered<Body = unknown> {
  readonly status: number
  readonly headers: Record<string, unknown>
  private readonly text: string

  constructor (status: number, headers: Record<string, unknown>, text: string) {
    this.status = status
    this.headers = headers
    this.text = text
  }

  get body (): Body {
    if (this.isRefused) throw new Error(`Refused: ${this.said}`)
    return JSON.parse(this.text === '' ? 'null' : this.text)
  }

  get problem (): ProblemBody {
    if (!this.isRefused) throw new Error(`Served: ${this.said}`)
    return JSON.parse(this.text)
  }

  /** Why it was not served; null when it was. */
  get refusal (): ProblemCode | null {
    return this.isRefused ? this.problem.code : null
  }

  /** Either, for the message of a test that fails. */
  get said (): string {
    return `${this.status} ${this.text}`
  }

  private get isRefused (): boolean {
    return String(this.headers['content-type']).startsWith('application/problem+json')
  }
}
