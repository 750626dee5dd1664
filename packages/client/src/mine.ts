import type { AddressForm, AddressVerdict, ChallengeStarted, Ended, MailedCode, Me, MyChange, MyHistory, MyHistoryQuery, MySessions, PasswordChange, SessionsEnded } from '@oncekey/protocol/schemas'
import type { Call } from './http.ts'

/** What the pages behind Me ask for: one's name, address, password, sessions and history. */
export function mineVerbs (call: Call) {
  const api = 'api/v1/'
  const at = (folder: string, id: string, rest = ''): string => api + folder + '/' + encodeURIComponent(id) + rest
  return {
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
    /** Deletes one's account. */
    leave: () => call<Ended>('DELETE', api + 'me')
  }
}
