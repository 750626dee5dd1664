import type {
  ChallengeStarted, CodeForm, CodeIssued, CodeVerdict, CodesAnswer, ConfirmForm, FeedEvent, InboxAnswer, InvitationForm, LoginForm, MailedCode, Me, MyAccess,
  PasskeyOptions, PasskeySignIn, Places, RecoveryForm, RegistrationForm, RegistrationPolicy, Revealed, SecondFactorForm, SetupForm, SetupState, SignInForm, SignedIn
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
  /** Of what a refusal says about fields, as a tag; asked for each call. Default: English, in browsers what they prefer. */
  language?: () => string
  feedTiming?: Partial<FeedTiming>
}

type Filter = { personId?: string | undefined, accessPointId?: string | undefined }

const usualTiming: FeedTiming = { waitMs: 1000, longestWaitMs: 30_000, quietMs: 60_000 }

/** What Oncekey's own pages need as soon as they are opened: every byte of it is on every phone. The rest is in `programs.ts`, `mine.ts`, `factors.ts`, `operators.ts` and `desk.ts`. */
export function createPageClient (options: ClientOptions = {}) {
  const base = (options.base ?? './').replace(/\/?$/, '/')
  // Called as a plain function: browsers refuse a fetch that is called as a method of something else.
  const send: typeof fetch = options.fetch ?? ((input, init) => fetch(input, init))
  const call = createCall(base, send, options.timeoutMs ?? 30_000, options.prove, options.language)
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
      policy: () => call<RegistrationPolicy>('GET', api + 'registration-policy')
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
      /** Where a browser gets everything that is kept about oneself, as a file. */
      dataUrl: base + api + 'me/data'
    },
    codes: {
      /** The answer carries the digits, once. The same `idempotencyKey` makes a repeated call harmless. */
      issue: (form: CodeForm, { idempotencyKey }: { idempotencyKey?: string } = {}) =>
        call<CodeIssued>('POST', api + 'codes', { body: form, ...(idempotencyKey && { headers: { 'idempotency-key': idempotencyKey } }) }),
      revoke: (id: string) => call('DELETE', at('codes', id)),
      list: (query: Filter = {}) => call<CodesAnswer>('GET', api + 'codes', { query })
    },
    invitations: {
      /** Sets the first password. */
      accept: (form: InvitationForm) => call<SignedIn>('POST', api + 'invitations/accept', { body: form })
    },
    places: {
      get: () => call<Places>('GET', api + 'places')
    },
    /** What happens, as it happens, until `close()`. */
    feed: (onEvent: (event: FeedEvent) => void, onState: (state: FeedState) => void = () => {}): Feed =>
      openFeed(base + api + 'feed', send, { ...usualTiming, ...options.feedTiming }, onEvent, onState)
  }
}