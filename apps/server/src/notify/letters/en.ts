import type { RetentionKind } from '@oncekey/protocol/retention'
import type { ChallengePurpose } from '@oncekey/protocol/schemas'

export type Letter = { subject: string, text: string }

const SECURITY = 'The security of your account was changed'
const PASSWORD = 'Your password was changed'
const cannot = 'If it was not you, choose "I can\'t sign in" on the sign-in page at once'
const whatFor: Readonly<Record<ChallengePurpose, string>> = {
  register: 'confirms your address', signIn: 'signs you in', recover: 'lets you choose a new password', email: 'confirms your new address'
}
const factors = {
  'authenticator added': 'an authenticator app was added to your account. From now on your password alone no longer signs you in.',
  'authenticator removed': 'the authenticator app was taken off your account.',
  'passkey added': 'a passkey was added to your account. From now on your password alone no longer signs you in.',
  'passkey removed': 'a passkey was taken off your account.',
  'recovery codes renewed': 'new recovery codes were made for your account. The earlier ones are worth nothing any more.',
  'recovery code used': 'a recovery code was used to prove that it is you. It does not work again.',
  'second factors removed': 'all second factors were taken off your account by an administrator. From now on your password is enough to sign in.'
}

const kinds: Readonly<Record<RetentionKind, string>> = { openings: 'openings', alarms: 'alarms', accounts: 'sign-ins', messages: 'messages', devices: 'devices', administration: 'administration' }

/** A change of the second factors of somebody. */
export type FactorEvent = keyof typeof factors

/** A code for a door. `offline`: of one that works without a network, until when, and when it has to be used for the first time; in words. */
export type AccessCode = { point: string, place: string, digits: string, offline: { opensOnce: boolean, until: string, firstUse: string | null } | null }

/*
 * All mails to people but those with words of a site's own (templates/) and those of doors and alarms, which have words beside them. A name may
 * be anything: it stands where no ending depends on it. Subjects are not sealed: nothing that opens stands in them.
 */
export const en = {
  // To whoever asked for a code, and to whom it may concern instead.
  challenge: ({ site, purpose, code, lastLine }: { site: string, purpose: ChallengePurpose, code: string, lastLine: string }): Letter => ({
    subject: `Your code for ${site}`,
    text: `Your code for ${site} is ${code}\nIt ${whatFor[purpose]}. It works once, within 5 minutes, in the browser that asked for it. Give it to nobody who calls or writes to you.\nIf you did not ask for it, do nothing.\n\n${lastLine}`
  }),
  known: (site: string, link: string): Letter => ({
    subject: `You have an account at ${site}`,
    text: `Somebody, perhaps you, wanted to register at ${site} with this address. You have an account there already: sign in, or choose "I can't sign in" if you forgot your password.\n\n${link}\n\nIf it was not you, do nothing: no account was made.`
  }),
  wanted: (site: string): Letter => ({
    subject: `Your address at ${site}`,
    text: `Somebody with an account at ${site} wanted to use this address for it. It is yours there already, so nothing was changed.\n\nIf it was you, with a second account: sign in with the first one, or choose "I can't sign in" if you forgot its password. If it was not you, do nothing.`
  }),
  accessCode: ({ point, place, digits, offline }: AccessCode): Letter => ({
    subject: `Code for ${point}`,
    text: `Your code for ${point} (${place}) is ${digits}\nType it on the keypad, then #. ${offline === null ? 'It opens once.' : `It works without a network. ${offline.opensOnce ? `It opens once, until ${offline.until}.` : `It opens again and again until ${offline.until}${offline.firstUse === null ? '' : ` if it is used for the first time before ${offline.firstUse}`}.`}`}`
  }),
  invitation: ({ name, site, link }: { name: string, site: string, link: string }): Letter => ({
    subject: `Your access to ${site}`, text: `Hello ${name},\n\n${site} invites you to Oncekey. Choose your password here, within 7 days:\n\n${link}\n\nIf you did not expect this, ignore it.`
  }),

  // What was done to an account, in case it was not its owner's wish.
  factor: ({ name, what, ended, link }: { name: string, what: FactorEvent, ended: number, link: string }): Letter => ({
    subject: SECURITY,
    text: `Hello ${name},\n\n${factors[what]}${ended === 0 ? '' : ` You were signed out everywhere else (${ended}), as those sessions began without it.`}\n\nIf it was not you, change your password and sign out everywhere at once, and tell your operator:\n\n${link}`
  }),
  provider: ({ name, host, isLinked, link }: { name: string, host: string, isLinked: boolean, link: string }): Letter => ({
    subject: SECURITY,
    text: `Hello ${name},\n\n${isLinked ? `from now on you can sign in to Oncekey by your account at ${host}.` : `your account at ${host} no longer signs you in to Oncekey.`}\n\n${cannot}, which takes it away, and tell your operator:\n\n${link}`
  }),
  passwordChanged: ({ name, isFirst }: { name: string, isFirst: boolean }): Letter => ({
    subject: PASSWORD,
    text: `Hello ${name},\n\n${isFirst ? 'a password was set for your account in Oncekey, which had none.' : 'your password in Oncekey was changed by somebody who knew the old one.'} All other sessions have ended.\n\n${cannot}, and tell your operator.`
  }),
  passwordRecovered: (name: string): Letter => ({
    subject: PASSWORD,
    text: `Hello ${name},\n\nyour password in Oncekey was changed by a code that was mailed to this address. All other sessions have ended.\n\nIf it was not you, tell your operator at once: somebody reads your mail.`
  }),
  passwordByLink: (name: string): Letter => ({
    subject: 'Your password was set', text: `Hello ${name},\n\na password for your account in Oncekey was chosen by the link of an invitation or a reset.\n\n${cannot}, and tell an administrator.`
  }),
  username: ({ name, username }: { name: string, username: string }): Letter => ({
    subject: 'Your user name was changed', text: `Hello ${name},\n\nyour user name in Oncekey is ${username} from now on. Your e-mail address signs you in as before.\n\n${cannot}, and tell your operator.`
  }),
  address: ({ name, email, before }: { name: string, email: string, before: string }): Letter => ({
    subject: 'Your e-mail address was changed', text: `Hello ${name},\n\nyour address in Oncekey is ${email} from now on, instead of ${before}. If you did not ask for this, tell your operator.`
  }),
  left: (name: string): Letter => ({
    subject: 'Your account was deleted',
    text: `Hello ${name},\n\nyour account in Oncekey was deleted, as somebody who was signed in with it wished. You can not sign in any more, and your codes open nothing. Your name stays in the record of what happened.\n\nIf it was not you, tell your operator.`
  }),
  paused: ({ name, guessed }: { name: string, guessed: 'password' | 'mailedCode' }): Letter => ({
    subject: 'Many failed sign-ins',
    text: `Hello ${name},\n\nsomebody has tried many times in vain to sign in to Oncekey as you. ${guessed === 'password' ? 'Passwords' : 'Codes by mail'} are not accepted for a while in browsers that you have not used before, not even the right ones.\n\nBrowsers in which you have signed in go on as always, and ${guessed === 'password' ? 'a code by mail signs you in anywhere (choose "E-mail me a code")' : 'your password signs you in anywhere'}. If it was you, wait for an hour or use one of these ways; if it was not, there is nothing that you have to do. A passkey or an authenticator app, on the page "Me", keeps strangers out for good.`
  }),

  // To whoever wrote to the operators. `subject`: of the conversation, as it was written.
  answer: ({ subject, who, text, link }: { subject: string, who: string, text: string, link: string }): Letter => ({ subject: `Re: ${subject}`, text: `${who} answers:\n\n${text}\n\nTo write back, open ${link}` }),
  answerToStranger: ({ subject, name, who, text, link }: { subject: string, name: string, who: string, text: string, link: string }): Letter => ({
    subject: `Re: ${subject}`, text: `Hello ${name},\n\n${who} answers:\n\n${text}\n\nTo write back, open this link. It is for you alone:\n\n${link}\n\nMails to this address are not read.`
  }),

  // To administrators.
  question: ({ name, email, personName, text, isFirst, link }: { name: string, email: string, personName: string | null, text: string, isFirst: boolean, link: string }): Letter => ({
    subject: `${isFirst ? '' : 'Re: '}Question from ${name}`,
    text: `${isFirst ? `${name} <${email}> ${personName === null ? '(not signed in)' : `(signed in as ${personName})`} writes:` : `${name} writes again:`}\n\n${text}\n\nTo answer, open ${link}`
  }),
  retention: ({ who, kind, days, before, at, link }: { who: string, kind: RetentionKind, days: number, before: number | null, at: string, link: string }): Letter => ({
    subject: 'Contents of the record will be erased',
    text: `${who} decided that contents of the record (${kinds[kind]}) are erased after ${days} days; ${before === null ? 'they were kept for ever' : `it was ${before}`}.\n\nErasing begins on ${at} and can not be undone. Until then any owner can take this back: ${link}\n\nIf none of you meant it, somebody else has the session of ${who}: end it, and look at the record.`
  }),
  manyQuestions: (most: number, link: string): Letter => ({ subject: 'Very many questions', text: `More than ${most} people without an account have written within an hour. What else comes is on the page, and is not mailed:\n\n${link}` }),
  manyRegistrations: (most: number, link: string): Letter => ({
    subject: 'Very many registrations',
    text: `In this hour ${most} codes were mailed to people who want to register, and few of them were typed in: somebody may be having mail sent to strangers.\n\nNo more are sent until the next hour; signing in and recovery go on. If nobody is meant to register now, close the registration on the page of people:\n\n${link}`
  }),
  webhookPaused: ({ host, fault }: { host: string, fault: string | null }): Letter => ({
    subject: `Webhook paused: ${host}`,
    text: `${fault === null ? `${host} says that it wants no more messages (410).` : `${host} has taken no message for a day. The last reason: ${fault}.`}\nNothing is sent there until somebody switches it on again; what happens meanwhile is kept for three days.`
  }),
  backupFailed: ({ at, fault }: { at: string, fault: string }): Letter => ({
    subject: 'A backup failed', text: `The backup of ${at} could not be made.\n\n${fault}\n\nThe next one is tried within an hour if backups are made by themselves. You are told once, until one succeeds again.`
  }),
  capReached: (channel: string, messages: number): Letter => ({
    subject: 'The cap of the day is reached',
    text: `Today ${messages} messages went out by ${channel}: that is the cap, and no more go out until midnight (UTC). If they were honest, raise the cap in the settings of the fraud guard.`
  }),
  guardBlocks: ({ shown, sent, verified, link }: { shown: string, sent: number, verified: number, link: string }): Letter => ({
    subject: 'The fraud guard blocks messages',
    text: `Messages to ${shown} are blocked: of ${sent} that went out, ${verified} were typed in. People who were verified before still get theirs.\n\nSomebody may be having codes sent to numbers that pay for it. This is said once a day: there may be more blocks by now. An operator sees them all, and can lift one with a reason:\n\n${link}`
  }),

  // To the address that keeps checkpoints.
  witnessEnded: (who: string, link: string): Letter => ({
    subject: 'You no longer get checkpoints',
    text: `${who} changed who gets the checkpoints of the record at ${link}. This address gets no more of them. Keep the ones that you have: they still show whether the record was changed.`
  }),
  checkpoint: ({ seq, at, link, line, key }: { seq: number, at: string, link: string, line: string, key: string }): Letter => ({
    subject: `Checkpoint: row ${seq} of the record`,
    text: `On ${at.replace('T', ' at ')} (UTC) the record at ${link} had ${seq} rows.\n\nKeep this mail. If somebody takes the record back to an earlier moment or writes it anew, the line below shows it: save this mail as a text file and run\n\n  oncekey audit verify --checkpoint FILE\n\n${line}\n\nThe key that signed it: ${key}`
  })
}

export type Letters = typeof en
