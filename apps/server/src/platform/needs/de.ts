import type { Needs } from './en.ts'

export const de: Needs = {
  isMissing: 'fehlt', notEmpty: 'darf nicht leer sein', needsCharacters: (least) => `braucht mindestens ${least} Zeichen`, fewerCharacters: (most) => `darf höchstens ${most} Zeichen haben`,
  atLeast: (least) => `muss mindestens ${least} sein`, atMost: (most) => `darf höchstens ${most} sein`, otherForm: 'hat nicht die nötige Form', doesNotFit: 'passt hier nicht',

  mailDomain: 'Nennen Sie mindestens eine Mail-Domain, etwa example.org.',
  mailOf: (domains) => `Sie muss auf ${domains.map((one) => `@${one}`).join(' oder ')} enden.`,
  taken: 'Das hat schon jemand. Wählen Sie etwas anderes.',
  ownAlready: 'Diese haben Sie schon.',
  emailAddress: 'Geben Sie eine E-Mail-Adresse an, allein und ohne Leerzeichen.',
  ownPhone: 'Geben Sie Ihre Telefonnummer mit + und der Vorwahl ihres Landes an, etwa +49 151 23456789.',
  mailOrPhone: 'Geben Sie eine E-Mail-Adresse an oder eine Telefonnummer mit + und der Vorwahl ihres Landes, etwa +49 151 23456789.',
  callable: 'Diese Nummer kann es nicht geben: zu wenige oder zu viele Ziffern, oder niemandem zugeteilt. Prüfen Sie sie.',
  noMessages: 'Nehmen Sie eine andere Nummer: Diese kostet Anrufende mehr oder empfängt keine Nachrichten.',
  timeZone: 'Nennen Sie eine IANA-Zeitzone wie Europe/Berlin.',

  passwordIsSite: 'So heißt dieser Ort. Nehmen Sie etwas, das andere nicht wissen.',
  passwordBreached: 'Es wurde anderswo gestohlen und steht in den Listen, mit denen Programme raten. Nehmen Sie ein anderes, und ändern Sie es dort, wo Sie es benutzen.',
  passwordCommon: 'Das wird als Erstes geraten. Nehmen Sie ein paar Wörter, die nicht zusammengehören.',
  passwordIsOwn: 'Das ist der Name oder die Adresse. Nehmen Sie etwas, das andere nicht wissen.',

  afterStart: 'Das Ende muss nach dem Anfang liegen.', inFuture: 'Das Ende muss noch kommen.', within30Days: 'Nennen Sie einen Zeitpunkt in den nächsten 30 Tagen.', dayOfCalendar: 'Diesen Tag gibt es nicht.', gone: 'Das gibt es nicht mehr.',
  personOrAddress: 'Wählen Sie eine Person, oder schreiben Sie eine Adresse.', fewerRecipients: (most) => `An dieser Tür sind schon ${most}; mehr gehen nicht.`,

  rangeTooMany: (most) => `Das sind mehr als ${most} Namen. Machen Sie mehrere Schränke daraus.`, rangeEmpty: 'Nennen Sie mindestens ein Fach, etwa A01-A12.',
  rangeTwice: (name) => `„${name}“ kommt zweimal vor.`, rangeLong: (name, most) => `„${name}“ ist länger als ${most} Zeichen.`, rangeSign: 'Ein Zeichen darin lässt sich nicht zeigen.',
  rangeLetters: (part) => `„${part}“: Beide Enden müssen mit denselben Buchstaben beginnen.`, rangeOrder: (part) => `„${part}“: Die erste Zahl darf nicht größer sein als die letzte.`,
  rangePartTooMany: (part, most) => `„${part}“: Das sind mehr als ${most} Namen. Machen Sie mehrere Schränke daraus.`,

  wholeNumber: (least, most) => `Nennen Sie eine ganze Zahl von ${least} bis ${most}.`, oneOf: (choices) => `Wählen Sie eines von ${choices.join(', ')}.`, onOrOff: 'Das ist entweder an oder aus.', seeHelp: 'Das hat eine andere Form: Die Erklärung daneben nennt sie.',

  lockerAddress: 'Nennen Sie die Adresse des Programms am Schließfach.', noLockerAddress: 'Das bleibt leer: Nur ein Schließfach bekommt seine Codes gesagt.', nearAddress: 'Nennen Sie eine Adresse des eigenen Netzes als Nummer, etwa http://192.168.1.40.',
  brokerPassword: 'Geben Sie das Passwort noch einmal ein: Es ist ein anderer Broker.',
  hookUrl: 'Nennen Sie eine Adresse, etwa https://shop.example.org/webhooks.', hookScheme: 'Nennen Sie eine Adresse, die mit https:// beginnt (http nur in Netze aus ONCEKEY_WEBHOOK_NETWORKS).',
  hookCredentials: 'Lassen Sie Name und Passwort in der Adresse weg: Nachrichten sind unterschrieben.', hookPort: 'Nehmen Sie Port 80, 443 oder einen ab 1024.',
  hookAddress: 'Nennen Sie eine Adresse, die alle erreichen; eigene Netze stehen in ONCEKEY_WEBHOOK_NETWORKS.',

  templateNoCode: '{code} an der Stelle, wo der Code stehen soll', templateOneCode: '{code} nur einmal', templateCodeInSubject: 'kein {code}: Betreffzeilen stehen auf gesperrten Bildschirmen, und Mailserver heben sie auf',
  templateWords: 'ein paar Worte', templateNoSubject: 'leer zu sein: nur eine E-Mail hat einen Betreff', templateOneLine: 'eine Zeile ohne Steuerzeichen',
  templateSigns: 'keine Steuerzeichen außer Zeilenumbrüchen, und keine, die umkehren, was folgt',
  templateStrange: (what) => `${what} bedeutet hier nichts; es gibt {code}, {site} und {minutes}`, templateLink: 'kein Link und keine Adresse: wer Ihren folgt, folgt auch denen von Dieben',
  templateAt: 'keine Zeile, die mit @ beginnt: die Zeile für Browser kommt von selbst dazu',
  templateLong: (characters, isGsm) => `weniger Zeichen: mit üblichem Namen und Host sind es ${characters} (${isGsm ? '160 passen in eine SMS' : '70 passen in eine SMS, weil ein Zeichen nicht im Alphabet von SMS ist, und 134 in zwei'})`
}
