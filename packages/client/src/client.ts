import type {
  AccessPoint, AccessPointChange, AddressForm, AddressVerdict, AuditPage, AuditQuery, Bank, BankForm, ChainState, ChallengeStarted, ClaimForm, CodeForm, CodeIssued, CodesAnswer,
  CodeVerdict, CommissioningAnswer, CommissioningForm, CompartmentsForm, ConfirmForm, ContactForm, Controller, DoorForm, Ended, FeedEvent, GrantForm, GrantsAnswer, InboxAnswer,
  InvitationForm, Live, LoginForm, MailedCode, Me, MyAccess, MyChange, MyHistory, MyHistoryQuery, MySessions, PasskeyOptions, PasskeySignIn, PasswordChange, PeopleAnswer, PersonAdded,
  PersonChange, PersonForm, Places, RecoveryForm, RegistrationForm, RegistrationPolicy, RemoteAnswer, RemoteForm, Revealed, SecondFactorForm, SessionsEnded, SetupForm, SetupState, SignedIn,
  SignInForm, Simulation, WitnessChange, WitnessState
} from '@oncekey/protocol/schemas'
import { openFeed, type Feed, type FeedState, type FeedTiming } from './feed.ts'
import { createCall } from './http.ts'

export type ClientOptions = {
  /** Where the server is. Relative to the page's base unless absolute, so Oncekey may live under a sub-path. Default './'. */
  base?: string
  /** Default: the global one. Programs outside browsers give one that keeps cookies: `@oncekey/client/cookies`. */
  fetch?: typeof fetch
  /** How long an answer may take before it counts as off line. Default 30 s. */
  timeoutMs?: number
  /** `ok_…`: needed by `verifications`, and opens nothing else. */
  apiKey?: string
  /** Asks whoever is signed in who they are (`factors.prove`) when a call was refused with `proofNeeded`; true makes the call once more. Default: the refusal is thrown. */
  prove?: () => Promise<boolean>
  feedTiming?: Partial<FeedTiming>
}

type Filter = { personId?: string | undefined, accessPointId?: string | undefined }

/** Walking the chain of a large record takes minutes. */
const chainTimeoutMs = 600_000
const usualTiming: FeedTiming = { waitMs: 1000, longestWaitMs: 30_000, quietMs: 60_000 }

/** What Oncekey's own pages need as soon as they are opened: every byte of it is on every phone. The rest is in `programs.ts` and `factors.ts`. */
export function createPageClient (options: ClientOptions = {}) {
  const base = (options.base ?? './').replace(/\/?$/, '/')
  // Called as a plain function: browsers refuse a fetch that is called as a method of something else.
  const send: typeof fetch = options.fetch ?? ((input, init) => fetch(input, init))
  const call = createCall(base, send, options.timeoutMs ?? 30_000, options.prove)
  const api = 'api/v1/'
  const at = (folder: string, id: string, rest = ''): string => api + folder + '/' + encodeURIComponent(id) + rest

  return {
    /** Any other call of the API, see `factorVerbs`. */
    call,
    setup: {
      state: () => call<SetupState>('GET', api + 'setup'),
      /** The one form of the first run; signs its owner in. */
      start: (form: SetupForm) => call<Me>('POST', api + 'setup', { body: form })
    },
    session: {
      /** Done, or a second factor is needed: `secondFactor`. */
      start: (form: SignInForm) => call<SignedIn>('POST', api + 'sessions', { body: form }),
      end: () => call('DELETE', api + 'sessions/current'),
      /** Has a code mailed; the answer is the same whoever is named. */
      askForCode: (form: LoginForm) => call<ChallengeStarted>('POST', api + 'sign-in-codes', { body: form }),
      byCode: (form: MailedCode) => call<CodeVerdict>('POST', api + 'sessions/by-code', { body: form }),
      /** The second step, by the ticket of the first. */
      secondFactor: (form: SecondFactorForm) => call<CodeVerdict>('POST', api + 'sessions/second-factor', { body: form }),
      /** For `navigator.credentials.get`. Without a ticket: for a sign-in without a name. */
      passkeyOptions: (ticket?: string) => call<PasskeyOptions>('POST', api + 'passkeys/options', { body: ticket === undefined ? {} : { ticket } }),
      byPasskey: (form: PasskeySignIn) => call<SignedIn>('POST', api + 'sessions/by-passkey', { body: form })
    },
    registration: {
      /** Has a code mailed to the address; the account is made by `confirm`. */
      start: (form: RegistrationForm) => call<ChallengeStarted>('POST', api + 'registrations', { body: form }),
      /** Signs in. A user name that is taken is told only here; the code then works again with another one. */
      confirm: (form: ConfirmForm) => call<CodeVerdict>('POST', api + 'registrations/confirm', { body: form }),
      /** Who may register. */
      policy: () => call<RegistrationPolicy>('GET', api + 'registration-policy'),
      setPolicy: (policy: RegistrationPolicy) => call<RegistrationPolicy>('PATCH', api + 'registration-policy', { body: policy })
    },
    recovery: {
      /** Has a code mailed that lets choose a new password; the answer is the same whoever is named. */
      start: (form: LoginForm) => call<ChallengeStarted>('POST', api + 'recoveries', { body: form }),
      /** Signs in; all other sessions end. */
      confirm: (form: RecoveryForm) => call<CodeVerdict>('POST', api + 'recoveries/confirm', { body: form })
    },
    challenges: {
      /** Has another code mailed; the one before it never works again, and no tries come back. */
      resend: (challenge: string) => call<ChallengeStarted>('POST', api + 'challenges/resend', { body: { challenge } })
    },
    me: {
      get: () => call<Me>('GET', api + 'me'),
      access: () => call<MyAccess>('GET', api + 'me/access'),
      inbox: () => call<InboxAnswer>('GET', api + 'me/inbox'),
      /** Opens a sealed message. */
      reveal: (id: string) => call<Revealed>('POST', at('me/inbox', id, '/reveal')),
      /** Another name or user name. */
      change: (form: MyChange) => call<Me>('PATCH', api + 'me', { body: form }),
      /** Another password, by the one of now; all other sessions end. */
      changePassword: (form: PasswordChange) => call<SessionsEnded>('POST', api + 'me/password', { body: form }),
      /** Has a code mailed to the address one wants; the answer is the same when it is somebody else's. */
      askForAddress: (form: AddressForm) => call<ChallengeStarted>('POST', api + 'me/email', { body: form }),
      /** Takes the new address by that code. */
      confirmAddress: (form: MailedCode) => call<AddressVerdict>('POST', api + 'me/email/confirm', { body: form }),
      /** Where one is signed in. */
      sessions: () => call<MySessions>('GET', api + 'me/sessions'),
      endSession: (id: string) => call('DELETE', at('me/sessions', id)),
      /** All but the one that asks. */
      endOtherSessions: () => call<SessionsEnded>('DELETE', api + 'me/sessions'),
      /** What the record says about oneself, newest first. */
      history: (query: MyHistoryQuery = {}) => call<MyHistory>('GET', api + 'me/history', { query }),
      /** Where a browser gets everything that is kept about oneself, as a file. */
      dataUrl: base + api + 'me/data',
      /** Deletes one's account. */
      leave: () => call<Ended>('DELETE', api + 'me')
    },
    codes: {
      /** The answer carries the digits, once. The same `idempotencyKey` makes a repeated call harmless. */
      issue: (form: CodeForm, { idempotencyKey }: { idempotencyKey?: string } = {}) =>
        call<CodeIssued>('POST', api + 'codes', { body: form, ...(idempotencyKey && { headers: { 'idempotency-key': idempotencyKey } }) }),
      revoke: (id: string) => call('DELETE', at('codes', id)),
      list: (query: Filter = {}) => call<CodesAnswer>('GET', api + 'codes', { query })
    },
    people: {
      list: () => call<PeopleAnswer>('GET', api + 'people'),
      add: (form: PersonForm) => call<PersonAdded>('POST', api + 'people', { body: form }),
      change: (id: string, form: PersonChange) => call<Ended>('PATCH', at('people', id), { body: form }),
      remove: (id: string) => call<Ended>('DELETE', at('people', id))
    },
    invitations: {
      /** Sets the first password. */
      accept: (form: InvitationForm) => call<SignedIn>('POST', api + 'invitations/accept', { body: form })
    },
    places: {
      get: () => call<Places>('GET', api + 'places'),
      addBank: (form: BankForm) => call<Bank>('POST', api + 'banks', { body: form }),
      addCompartments: (bankId: string, form: CompartmentsForm) => call<Bank>('POST', at('banks', bankId, '/compartments'), { body: form }),
      addDoor: (form: DoorForm) => call<AccessPoint>('POST', api + 'doors', { body: form }),
      renameAccessPoint: (id: string, form: AccessPointChange) => call<AccessPoint>('PATCH', at('access-points', id), { body: form }),
      removeAccessPoint: (id: string) => call('DELETE', at('access-points', id))
    },
    controllers: {
      claim: (form: ClaimForm) => call<Controller>('POST', api + 'controllers/claim', { body: form }),
      /** What a door without hardware needs; only on a demonstration site. */
      simulation: (id: string) => call<Simulation>('GET', at('controllers', id, '/simulation')),
      clearLockout: (id: string, form: RemoteForm) => call('POST', at('controllers', id, '/clear-lockout'), { body: form }),
      remove: (id: string) => call('DELETE', at('controllers', id)),
      /** What a controller itself says, again and again, until somebody claims it. */
      present: (form: CommissioningForm) => call<CommissioningAnswer>('POST', api + 'commissioning', { body: form })
    },
    accessPoints: {
      unlock: (id: string, form: RemoteForm) => call<RemoteAnswer>('POST', at('access-points', id, '/unlock'), { body: form }),
      lock: (id: string, form: RemoteForm) => call<RemoteAnswer>('POST', at('access-points', id, '/lock'), { body: form })
    },
    grants: {
      list: (query: Filter = {}) => call<GrantsAnswer>('GET', api + 'grants', { query }),
      give: (form: GrantForm) => call<GrantsAnswer>('POST', api + 'grants', { body: form }),
      end: (id: string) => call('DELETE', at('grants', id))
    },
    audit: {
      page: (query: AuditQuery = {}) => call<AuditPage>('GET', api + 'audit', { query }),
      chain: () => call<ChainState>('GET', api + 'audit/chain', { timeoutMs: chainTimeoutMs }),
      /** Where a browser gets the record as a file. */
      exportUrl: base + api + 'audit/export',
      witness: () => call<WitnessState>('GET', api + 'audit/witness'),
      changeWitness: (form: WitnessChange) => call<WitnessState>('PATCH', api + 'audit/witness', { body: form })
    },
    live: { get: () => call<Live>('GET', api + 'live') },
    /** What happens, as it happens, until `close()`. */
    feed: (onEvent: (event: FeedEvent) => void, onState: (state: FeedState) => void = () => {}): Feed =>
      openFeed(base + api + 'feed', send, { ...usualTiming, ...options.feedTiming }, onEvent, onState),
    contact: { send: (form: ContactForm) => call('POST', api + 'contact', { body: form }) }
  }
}