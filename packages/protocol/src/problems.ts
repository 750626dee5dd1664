/**
 * Everything that the API can refuse to serve, in one table (RFC 9457). `code` is stable and is the
 * last part of the problem's `type`; `title` says what happened, `cure` what to do.
 */
export const problems = {
  badRequest: { status: 400, title: 'The request is not well formed.', cure: 'Look at `errors`: each entry names a field and what it needs.' },
  signInNeeded: { status: 401, title: 'Nobody is signed in.', cure: 'Sign in and try again.' },
  signInRefused: { status: 401, title: 'That name and password do not fit.', cure: 'Check both. Caps lock may be on.' },
  apiKeyNeeded: { status: 401, title: 'This needs an API key, and no valid one came.', cure: 'Send it as "Authorization: Bearer ok_…". Owners and administrators make keys.' },
  setupLinkWrong: { status: 403, title: 'This set-up link is not valid.', cure: 'Use the newest link from the log of the server.' },
  tlsNeeded: { status: 403, title: 'This address is without TLS; nothing is given or taken here.', cure: 'Use the address that begins with https://. Behind a proxy that speaks TLS, the operator sets ONCEKEY_PLAIN_HTTP=on.' },
  passwordWrong: { status: 403, title: 'That is not your password.', cure: 'Type the one that you have now. If you forgot it, sign out and choose "I can\'t sign in".' },
  proofNeeded: { status: 403, title: 'Please confirm that it is you.', cure: 'Prove it by POST /api/v1/me/proof and try again.' },
  passkeyRefused: { status: 403, title: 'That passkey was not accepted.', cure: 'Try again, or sign in another way.' },
  passkeysNeedName: { status: 409, title: 'Passkeys do not work at this address.', cure: 'Open Oncekey by its name and https, or at http://localhost on this machine.' },
  signatureRefused: { status: 403, title: 'The signature does not fit.', cure: 'Sign with the secret of ONCEKEY_GATEWAY_SECRET and a clock that is right, as docs/channels.md says. Twilio signs the address that it was given: ONCEKEY_PUBLIC_URL has to be the one that people use.' },
  notAllowed: { status: 403, title: 'Your role does not allow this.', cure: 'Ask an owner or administrator.' },
  originRefused: { status: 403, title: 'The request came from another site.', cure: 'Open Oncekey at its own address and try again.' },
  captchaNeeded: { status: 403, title: 'There were very many tries. A little work is needed first.', cure: 'Get a captcha by GET /api/v1/captcha, solve it, and send the same request with the solution in the header oncekey-captcha.' },
  noGrant: { status: 403, title: 'There is no access to this door or compartment right now.', cure: 'Ask your operator.' },
  registrationClosed: { status: 403, title: 'People can not register here themselves.', cure: 'Ask your operator for an invitation.' },
  demoClosed: { status: 403, title: 'The demo page is not open to everybody here.', cure: 'Sign in as an operator. Administrators can open it to everybody, on the page /try.' },
  sendRefused: { status: 403, title: 'No message was sent: the fraud guard refused it.', cure: 'Look at `reason`, and at docs/fraud-guard.md for what it means. Operators see blocks at GET /api/v1/guard and can lift them.' },
  notFound: { status: 404, title: 'There is nothing here.', cure: 'Check the address, or go back to the list.' },
  alreadySetUp: { status: 409, title: 'Oncekey is set up already.', cure: 'Sign in.' },
  restoreByCommand: { status: 409, title: 'Here a backup is put back by a command alone.', cure: 'Stop the server, run "oncekey restore FILE --replace", and start it again.' },
  changedMeanwhile: { status: 409, title: 'Somebody else has changed this meanwhile.', cure: 'Look at what is there now, then try again. Nothing that you typed is lost.' },
  alreadyExists: { status: 409, title: 'Something with this name or address exists already.', cure: 'Choose another one.' },
  waitForAnswer: { status: 409, title: 'You have written several times already.', cure: 'Wait for an answer, then write again.' },
  lastOwner: { status: 409, title: 'This is the last owner.', cure: 'Make somebody else an owner first.' },
  lastWayIn: { status: 409, title: 'This is the only way in to the account.', cure: 'Choose a password first, or add a passkey.' },
  heldByOrder: { status: 409, title: 'A hold, lockdown or evacuation is in force here.', cure: 'End it first, on the page Live.' },
  namedInRule: { status: 409, title: 'A rule for alarms names this place.', cure: 'Change the rule first, on the page Alerts.' },
  inUse: { status: 409, title: 'This is still in use.', cure: 'Remove what uses it first.' },
  controllerOffline: { status: 409, title: 'The controller is off line.', cure: 'Check its power and network, then try again.' },
  underOrder: { status: 409, title: 'An order that stands does not allow this.', cure: 'Somebody who may has to end the hold, lockdown or evacuation, page Live.' },
  readerFull: { status: 409, title: 'This keypad has as many live codes as are safe.', cure: 'Wait until some are used or expire, or revoke some.' },
  lowBattery: { status: 409, title: 'The battery here is low: no new codes are given.', cure: 'Codes that are live still open. Charge or change the battery.' },
  offlineOff: { status: 409, title: 'This door takes no codes without a network.', cure: 'An administrator can turn them on at its controller, page Access points.' },
  offlineFull: { status: 409, title: 'As many codes without a network as are safe have been made here.', cure: 'Choose another length or another start, or wait for the next half hour.' },
  pinsFull: { status: 409, title: 'This keypad has as many pins as are safe.', cure: 'Revoke one that nobody needs any more.' },
  alreadyDecided: { status: 409, title: 'This is over: somebody has decided, or it took too long.', cure: 'Whoever stands at the door can ask again.' },
  noRecipients: { status: 409, title: 'Nobody is on the list of this door.', cure: 'Add a recipient to the door, page Access points.' },
  claimCodeWrong: { status: 409, title: 'No controller waits with this claim code.', cure: 'Read the code from its display again; it changes every ten minutes.' },
  verificationEnded: { status: 409, title: 'This verification has ended.', cure: 'Start a new one.' },
  setupOver: { status: 409, title: 'This set-up is over.', cure: 'Begin it again: it is good for ten minutes, and once.' },
  channelNotSetUp: { status: 409, title: 'Messages can not be sent this way yet.', cure: 'For e-mail set ONCEKEY_SMTP_URL, for the others ONCEKEY_SMS_URL, ONCEKEY_WHATSAPP_URL or ONCEKEY_VOICE_URL, and start the server again.' },
  testModeOff: { status: 409, title: 'This server has no test recipients.', cure: 'Where others reach it, set ONCEKEY_TEST_RECIPIENTS=on and start the server again; take it back when the tests are over.' },
  publicUrlNeeded: { status: 409, title: 'Links can not be mailed yet: the server was not told at which address people reach it.', cure: 'Set ONCEKEY_PUBLIC_URL to that address and start the server again.' },
  keyReused: { status: 409, title: 'This Idempotency-Key was used for another request.', cure: 'Use a fresh key for each request.' },
  backupRefused: { status: 422, title: 'This backup can not be put back.', cure: 'Look at `detail`: it says what is the matter, and what to do. Nothing was changed.' },
  imageRefused: { status: 422, title: 'This is no image that controllers would take.', cure: 'Sign the program with a key that is trusted here: oncekey image sign … makes the file to upload.' },
  tooLarge: { status: 413, title: 'The request is too large.', cure: 'Send less at once.' },
  coolingDown: { status: 429, title: 'That was too soon.', cure: 'Wait the seconds that Retry-After names.' },
  tooManyTries: { status: 429, title: 'Too many tries.', cure: 'Wait the seconds that Retry-After names.' },
  defect: { status: 500, title: 'Something broke on our side.', cure: 'Try again. If it stays, give the operator the instance id.' },
  busy: { status: 503, title: 'The server is busy.', cure: 'Try again after the seconds that Retry-After names.' },
  storageFull: { status: 503, title: 'The disk of the server is full or can not be written to.', cure: 'The operator has to make room; nothing was lost.' }
} as const satisfies Record<string, { status: number, title: string, cure: string }>

export type ProblemCode = keyof typeof problems

/** A problem as it travels, `application/problem+json`. */
export type ProblemBody = {
  type: string
  code: ProblemCode
  title: string
  status: number
  cure: string
  detail?: string
  instance?: string
  /** Of `sendRefused`: which rule of the guard it was. */
  reason?: string
  errors?: { field: string, needs: string }[]
  retryAfterSeconds?: number
}
