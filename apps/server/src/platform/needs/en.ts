/*
 * What a field of a form needs, as its page shows it below the field; programs get the same in `errors`. Whoever adds one adds it in all
 * languages: the compiler says where. The English goes on after the field's name ("email: is taken; …").
 */
const either = (list: readonly string[]): string => list.join(' or ')

export const en = {
  // What a schema asks for has the checker's own English words: see http.ts.
  isMissing: 'is missing', notEmpty: 'must not be empty', needsCharacters: (least: number) => `needs at least ${least} characters`, fewerCharacters: (most: number) => `must have at most ${most} characters`,
  atLeast: (least: number) => `must be at least ${least}`, atMost: (most: number) => `must be at most ${most}`, otherForm: 'has not the form that it needs', doesNotFit: 'does not fit here',

  mailDomain: 'at least one mail domain, e.g. example.org',
  mailOf: (domains: readonly string[]) => `has to end in ${either(domains.map((one) => `@${one}`))}`,
  taken: 'is taken; choose another one',
  ownAlready: 'is the one that you have',
  emailAddress: 'an e-mail address, alone and without blanks',
  ownPhone: 'your phone number with + and the number of its country, e.g. +49 151 23456789',
  mailOrPhone: 'an e-mail address, or a phone number with + and the number of its country, e.g. +49 151 23456789 (or as it is written at home, with `country`)',
  callable: 'a number that can be called: this one has too few or too many digits, or nobody was given it',
  noMessages: 'Use another number: this one is for premium or shared-cost calls, or of a kind that gets no messages.',
  timeZone: 'is an IANA time zone like Europe/Lisbon',

  passwordIsSite: 'is the name of this place; take something that others do not know',
  passwordBreached: 'was stolen elsewhere and is in the lists that guessing programs use; take another one, and change it where you use it',
  passwordCommon: 'is among the first that are guessed; take a few words that do not belong together',
  passwordIsOwn: 'is the name or the address itself; take something that others do not know',

  afterStart: 'lies after startsAt', inFuture: 'lies in the future', within30Days: 'a moment within the next 30 days', dayOfCalendar: 'a day that the calendar has', gone: 'something that is there',
  personOrAddress: 'either a person or an address', fewerRecipients: (most: number) => `a door with fewer than ${most} recipients`,

  rangeTooMany: (most: number) => `has more than ${most} names; make several banks of it`, rangeEmpty: 'names at least one compartment, like A01-A12',
  rangeTwice: (name: string) => `names "${name}" twice`, rangeLong: (name: string, most: number) => `has the name "${name}", which is longer than ${most} characters`, rangeSign: 'has a character that can not be shown',
  rangeLetters: (part: string) => `has "${part}": both ends must begin with the same letters`, rangeOrder: (part: string) => `has "${part}": the first number must not be larger than the last`,
  rangePartTooMany: (part: string, most: number) => `has "${part}": that is more than ${most} names; make several banks of it`,

  wholeNumber: (least: number, most: number) => `a whole number from ${least} to ${most}`, oneOf: (choices: readonly string[]) => `one of ${choices.join(', ')}`, onOrOff: 'true or false', seeHelp: 'another form: its help says which',

  lockerAddress: 'the address of the program at the locker', noLockerAddress: 'nothing: only a locker is told its codes', nearAddress: 'an address of your own network by its number, e.g. http://192.168.1.40',
  brokerPassword: 'the password once more: the broker is another one',
  hookUrl: 'a URL, e.g. https://shop.example.org/webhooks', hookScheme: 'an address that begins with https:// (http only to networks in ONCEKEY_WEBHOOK_NETWORKS)',
  hookCredentials: 'an address without user name and password: messages are signed', hookPort: 'port 80, 443, or one from 1024 on',
  hookAddress: 'an address that everybody can reach; networks of one\'s own stand in ONCEKEY_WEBHOOK_NETWORKS',

  templateNoCode: '{code} where the code is to stand', templateOneCode: '{code} once only', templateCodeInSubject: 'no {code}: subjects are shown on locked screens and kept by mail servers',
  templateWords: 'some words', templateNoSubject: 'to be empty: only an e-mail has one', templateOneLine: 'one line without control characters',
  templateSigns: 'no control characters but line breaks, and none that turn the direction of what follows',
  templateStrange: (what: string) => `${what} means nothing here: {code}, {site} and {minutes} do`, templateLink: 'no link and no address: people learn from yours to follow a thief\'s',
  templateAt: 'no line that begins with @: the line for browsers is added by itself',
  templateLong: (characters: number, isGsm: boolean) => `fewer characters: with a usual name and host it is ${characters} (${isGsm ? '160 fit into one SMS' : '70 fit into one SMS, because a sign in it is not in the alphabet of SMS, and 134 into two'})`
}

export type Needs = typeof en
