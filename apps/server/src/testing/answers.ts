import type { ProblemBody, ProblemCode } from '@oncekey/protocol/problems'
import type {
  AccessPoint, AddressVerdict, Alarm, AlarmRules, AlarmsAnswer, ApiKeyMade, ApiKeysAnswer, AuditExports, AuditPage, BackupsAnswer, Bank, CameraAnswer, CameraTried, Captcha, ChainProgress, ChainState, ChallengeStarted,
  ChannelsAnswer, ChannelTest, CodeIssued, CodesAnswer, CommissioningAnswer, CompatState, CompatTokenMade, Controller, ConversationDetail, ConversationsAnswer, Demo,
  DemoRun, DemoVerdict, Diagnosis, DoorCodes, DoorMode, DoorRecipient, DoorRecipients, Ended, FactorAdded, GrantsAnswer, Group, GroupPeople, GroupPeopleChanged,
  GroupsAnswer, GuardFigures, GuardSettings, GuardState, Hardening, HoldersPage, Holiday, HolidaysAnswer, HomeAssistantState, HomeAssistantTest, ImageKey, InboxAnswer, InsightBatteries, Insights,
  Live, MailTest, Me, MessageTemplates, MyAccess, MyFactors, MyHistory, MyProviders, MySessions, OwnConversation, OwnConversations, PasskeyOptions, PasswordReset, PeopleAnswer,
  Person, PersonAdded, PinMade, PinsAnswer, Places, PointsPage, ProofVerdict, ProviderLink, PushState, RecoveryCodes, Refusal, RegistrationPolicy, RemoteAnswer, Revealed,
  RetentionPreview, RetentionState, RolloutAnswer, SessionsEnded, SettingsAnswer, SetupState, Simulation, StandingOrders, TemplatePreview, TestRecipients, TotpSetup, UpdatesAnswer, Verification, VerificationsAnswer,
  VerificationVerdict, Webhook, WebhookDeliveries, WebhookMade, WebhooksAnswer, WhyAnswer, WitnessState
} from '@oncekey/protocol/schemas'

export type Method = 'GET' | 'POST' | 'PATCH' | 'DELETE'

/** What each route answers when it serves. */
type Served = {
  'GET setup': SetupState
  'GET demo': Demo
  'PATCH demo': Demo
  'POST demo/verifications': DemoRun
  [demoRun: `GET demo/verifications/${string}`]: DemoRun
  [typed: `POST demo/verifications/${string}/check`]: DemoVerdict
  [another: `POST demo/verifications/${string}/resend`]: DemoRun
  'GET captcha': Captcha
  'GET alarms': AlarmsAnswer
  'GET me/push': PushState
  'POST me/push': PushState
  [alarms: `GET alarms?${string}`]: AlarmsAnswer
  [step: `POST alarms/${string}`]: Alarm
  'GET alarm-rules': AlarmRules
  'PATCH alarm-rules': AlarmRules
  'GET backups': BackupsAnswer
  'POST backups': BackupsAnswer
  'PATCH backups/schedule': BackupsAnswer
  'GET updates': UpdatesAnswer
  'POST updates/keys': ImageKey
  'POST updates/rollouts': RolloutAnswer
  [rollout: `GET updates/rollouts/${string}`]: RolloutAnswer
  'GET home-assistant': HomeAssistantState
  'PATCH home-assistant': HomeAssistantState
  'POST home-assistant/test': HomeAssistantTest
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
  'GET me/conversations': OwnConversations
  'POST contact/conversation': OwnConversation
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
  'GET conversations': ConversationsAnswer
  [conversations: `GET conversations?${string}`]: ConversationsAnswer
  [conversation: `GET conversations/${string}` | `POST conversations/${string}/messages` | `PATCH conversations/${string}`]: ConversationDetail
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
  [bank: `PATCH banks/${string}`]: Bank
  [compartments: `POST banks/${string}/compartments`]: Bank
  'POST doors': AccessPoint
  [rename: `PATCH access-points/${string}`]: AccessPoint
  [camera: `GET access-points/${string}/camera`]: CameraAnswer
  [tried: `POST access-points/${string}/camera/test`]: CameraTried
  [move: `POST access-points/${string}/${'unlock' | 'lock'}`]: RemoteAnswer
  'POST controllers/claim': Controller
  [replace: `POST controllers/${string}/replace`]: Controller
  [simulation: `GET controllers/${string}/simulation`]: Simulation
  'POST commissioning': CommissioningAnswer
  'GET grants': GrantsAnswer
  [grants: `GET grants?${string}`]: GrantsAnswer
  'POST grants': GrantsAnswer
  'GET groups': GroupsAnswer
  'POST groups': Group
  [group: `PATCH groups/${string}`]: Group | GroupPeopleChanged
  [members: `GET groups/${string}/people`]: GroupPeople
  [given: `POST groups/${string}/grants`]: Group
  'GET holidays': HolidaysAnswer
  'POST holidays': Holiday
  [why: `GET access/why?${string}`]: WhyAnswer
  [holders: `GET access/holders?${string}`]: HoldersPage
  [points: `GET access/points?${string}`]: PointsPage
  [refusal: `GET audit/why?${string}`]: Refusal
  'GET audit': AuditPage
  [audit: `GET audit?${string}`]: AuditPage
  'GET audit/chain': ChainState
  'GET audit/chain/progress': ChainProgress
  'GET audit/exports': AuditExports
  'GET audit/retention': RetentionState
  [preview: `GET audit/retention/preview?${string}`]: RetentionPreview
  'PATCH audit/retention': RetentionState
  'GET audit/witness': WitnessState
  'PATCH audit/witness': WitnessState
  'GET live': Live
  'GET standing-orders': StandingOrders
  'POST standing-orders': StandingOrders
  [endOrder: `POST standing-orders/${string}/end`]: StandingOrders
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
  'GET insights': Insights
  [insights: `GET insights?${string}`]: Insights
  'GET insights/batteries': InsightBatteries
  'GET guard/figures': GuardFigures
  [figures: `GET guard/figures?${string}`]: GuardFigures
  'PATCH guard/settings': GuardSettings
  'POST verifications': Verification
  'GET verifications': VerificationsAnswer
  [logged: `GET verifications?${string}`]: VerificationsAnswer
  'GET channels': ChannelsAnswer
  'POST channel-tests': ChannelTest
  'POST mail-tests': MailTest
  'GET settings': SettingsAnswer
  'PATCH settings': SettingsAnswer
  [test: `GET channel-tests/${string}`]: ChannelTest
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
