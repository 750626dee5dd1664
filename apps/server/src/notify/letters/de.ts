import type { RetentionKind } from '@oncekey/protocol/retention'
import type { ChallengePurpose } from '@oncekey/protocol/schemas'
import type { FactorEvent, Letters } from './en.ts'

const SECURITY = 'Die Sicherheit Ihres Kontos wurde geändert'
const PASSWORD = 'Ihr Passwort wurde geändert'
const cannot = 'Waren Sie es nicht, wählen Sie sofort „Ich kann mich nicht anmelden“ auf der Anmeldeseite'
const whatFor: Readonly<Record<ChallengePurpose, string>> = {
  register: 'bestätigt Ihre Adresse', signIn: 'meldet Sie an', recover: 'lässt Sie ein neues Passwort wählen', email: 'bestätigt Ihre neue Adresse'
}
const factors: Readonly<Record<FactorEvent, string>> = {
  'authenticator added': 'Ihr Konto hat jetzt eine Authenticator-App. Das Passwort allein meldet Sie nicht mehr an.',
  'authenticator removed': 'die Authenticator-App wurde aus Ihrem Konto entfernt.',
  'passkey added': 'Ihr Konto hat einen neuen Passkey. Das Passwort allein meldet Sie nicht mehr an.',
  'passkey removed': 'ein Passkey wurde aus Ihrem Konto entfernt.',
  'recovery codes renewed': 'für Ihr Konto wurden neue Wiederherstellungscodes gemacht. Die früheren gelten nicht mehr.',
  'recovery code used': 'mit einem Wiederherstellungscode wurde bewiesen, dass Sie es sind. Er wirkt kein zweites Mal.',
  'second factors removed': 'die Verwaltung hat alle zweiten Faktoren aus Ihrem Konto entfernt. Zum Anmelden genügt jetzt das Passwort.'
}

const kinds: Readonly<Record<RetentionKind, string>> = { openings: 'Öffnungen', alarms: 'Alarme', accounts: 'Anmeldungen', messages: 'Nachrichten', devices: 'Geräte', administration: 'Verwaltung' }

export const de: Letters = {
  challenge: ({ site, purpose, code, lastLine }) => ({
    subject: `Ihr Code für ${site}`,
    text: `Ihr Code für ${site} ist ${code}\nEr ${whatFor[purpose]}. Er wirkt einmal, innerhalb von 5 Minuten, in dem Browser, der um ihn gebeten hat. Geben Sie ihn niemandem, der anruft oder schreibt.\nHaben Sie nicht um ihn gebeten, tun Sie nichts.\n\n${lastLine}`
  }),
  known: (site, link) => ({
    subject: `Sie haben ein Konto bei ${site}`,
    text: `Jemand, vielleicht Sie, wollte sich bei ${site} mit dieser Adresse registrieren. Sie haben dort schon ein Konto: Melden Sie sich an, oder wählen Sie „Ich kann mich nicht anmelden“, wenn Sie das Passwort vergessen haben.\n\n${link}\n\nWaren Sie es nicht, tun Sie nichts: Es wurde kein Konto gemacht.`
  }),
  wanted: (site) => ({
    subject: `Ihre Adresse bei ${site}`,
    text: `Jemand mit einem Konto bei ${site} wollte diese Adresse dafür benutzen. Sie gehört dort schon Ihnen, darum wurde nichts geändert.\n\nWaren Sie es, mit einem zweiten Konto: Melden Sie sich mit dem ersten an, oder wählen Sie „Ich kann mich nicht anmelden“, wenn Sie sein Passwort vergessen haben. Waren Sie es nicht, tun Sie nichts.`
  }),
  accessCode: ({ point, place, digits, offline }) => ({
    subject: `Code für ${point}`,
    text: `Ihr Code für ${point} (${place}) ist ${digits}\nTippen Sie ihn an der Tastatur ein, dann #. ${offline === null ? 'Er öffnet einmal.' : `Er wirkt ohne Netz. ${offline.opensOnce ? `Er öffnet einmal, bis ${offline.until}.` : `Er öffnet immer wieder, bis ${offline.until}${offline.firstUse === null ? '' : `, wenn er vor ${offline.firstUse} zum ersten Mal benutzt wird`}.`}`}`
  }),
  invitation: ({ name, site, link }) => ({
    subject: `Ihr Zugang zu ${site}`, text: `Guten Tag ${name},\n\n${site} lädt Sie zu Oncekey ein. Wählen Sie hier Ihr Passwort, innerhalb von 7 Tagen:\n\n${link}\n\nHaben Sie das nicht erwartet, lassen Sie es liegen.`
  }),

  factor: ({ name, what, ended, link }) => ({
    subject: SECURITY,
    text: `Guten Tag ${name},\n\n${factors[what]}${ended === 0 ? '' : ` Überall sonst wurden Sie abgemeldet (${ended}), weil jene Sitzungen ohne das begonnen haben.`}\n\nWaren Sie es nicht, ändern Sie sofort Ihr Passwort, melden Sie sich überall ab, und sagen Sie es Ihrem Betreiber:\n\n${link}`
  }),
  provider: ({ name, host, isLinked, link }) => ({
    subject: SECURITY,
    text: `Guten Tag ${name},\n\n${isLinked ? `ab jetzt können Sie sich bei Oncekey mit Ihrem Konto bei ${host} anmelden.` : `Ihr Konto bei ${host} meldet Sie bei Oncekey nicht mehr an.`}\n\n${cannot}, das nimmt es zurück, und sagen Sie es Ihrem Betreiber:\n\n${link}`
  }),
  passwordChanged: ({ name, isFirst }) => ({
    subject: PASSWORD,
    text: `Guten Tag ${name},\n\n${isFirst ? 'für Ihr Konto in Oncekey, das keines hatte, wurde ein Passwort gewählt.' : 'Ihr Passwort in Oncekey wurde von jemandem geändert, der das alte kannte.'} Alle anderen Sitzungen sind beendet.\n\n${cannot}, und sagen Sie es Ihrem Betreiber.`
  }),
  passwordRecovered: (name) => ({
    subject: PASSWORD,
    text: `Guten Tag ${name},\n\nIhr Passwort in Oncekey wurde mit einem Code geändert, der an diese Adresse ging. Alle anderen Sitzungen sind beendet.\n\nWaren Sie es nicht, sagen Sie es sofort Ihrem Betreiber: Jemand liest Ihre Mail.`
  }),
  passwordByLink: (name) => ({
    subject: 'Ihr Passwort wurde gewählt', text: `Guten Tag ${name},\n\nüber den Link einer Einladung oder eines Zurücksetzens wurde ein Passwort für Ihr Konto in Oncekey gewählt.\n\n${cannot}, und sagen Sie es der Verwaltung.`
  }),
  username: ({ name, username }) => ({
    subject: 'Ihr Benutzername wurde geändert', text: `Guten Tag ${name},\n\nIhr Benutzername in Oncekey ist ab jetzt ${username}. Ihre E-Mail-Adresse meldet Sie an wie zuvor.\n\n${cannot}, und sagen Sie es Ihrem Betreiber.`
  }),
  address: ({ name, email, before }) => ({
    subject: 'Ihre E-Mail-Adresse wurde geändert', text: `Guten Tag ${name},\n\nIhre Adresse in Oncekey ist ab jetzt ${email} statt ${before}. Haben Sie nicht darum gebeten, sagen Sie es Ihrem Betreiber.`
  }),
  left: (name) => ({
    subject: 'Ihr Konto wurde gelöscht',
    text: `Guten Tag ${name},\n\nIhr Konto in Oncekey wurde gelöscht, wie es jemand wünschte, der damit angemeldet war. Sie können sich nicht mehr anmelden, und Ihre Codes öffnen nichts. Ihr Name bleibt im Protokoll dessen, was geschah.\n\nWaren Sie es nicht, sagen Sie es Ihrem Betreiber.`
  }),
  paused: ({ name, guessed }) => ({
    subject: 'Viele vergebliche Anmeldungen',
    text: `Guten Tag ${name},\n\njemand hat oft vergeblich versucht, sich bei Oncekey als Sie anzumelden. ${guessed === 'password' ? 'Passwörter' : 'Codes per Mail'} gelten eine Weile nicht in Browsern, die Sie noch nicht benutzt haben, auch die richtigen nicht.\n\nBrowser, in denen Sie schon angemeldet waren, gehen wie immer, und ${guessed === 'password' ? 'ein Code per Mail meldet Sie überall an (wählen Sie „Code per E-Mail schicken“)' : 'Ihr Passwort meldet Sie überall an'}. Waren Sie es, warten Sie eine Stunde oder nehmen Sie einen dieser Wege; waren Sie es nicht, müssen Sie nichts tun. Ein Passkey oder eine Authenticator-App, auf der Seite „Ich“, hält Fremde für immer ab.`
  }),

  answer: ({ subject, who, text, link }) => ({ subject: `Re: ${subject}`, text: `${who} antwortet:\n\n${text}\n\nUm zurückzuschreiben, öffnen Sie ${link}` }),
  answerToStranger: ({ subject, name, who, text, link }) => ({
    subject: `Re: ${subject}`, text: `Guten Tag ${name},\n\n${who} antwortet:\n\n${text}\n\nUm zurückzuschreiben, öffnen Sie diesen Link. Er ist nur für Sie:\n\n${link}\n\nMails an diese Adresse liest niemand.`
  }),

  question: ({ name, email, personName, text, isFirst, link }) => ({
    subject: `${isFirst ? '' : 'Re: '}Frage von ${name}`,
    text: `${isFirst ? `${name} <${email}> ${personName === null ? '(nicht angemeldet)' : `(angemeldet als ${personName})`} schreibt:` : `${name} schreibt wieder:`}\n\n${text}\n\nUm zu antworten, öffnen Sie ${link}`
  }),
  retention: ({ who, kind, days, before, at, link }) => ({
    subject: 'Inhalte des Protokolls werden gelöscht',
    text: `${who} hat entschieden, dass Inhalte des Protokolls (${kinds[kind]}) nach ${days} Tagen gelöscht werden; ${before === null ? 'bisher blieben sie für immer' : `bisher waren es ${before}`}.\n\nDas Löschen beginnt am ${at} und lässt sich nicht rückgängig machen. Bis dahin kann es jeder Eigentümer zurücknehmen: ${link}\n\nHat es niemand von Ihnen gewollt, hat jemand anderes die Sitzung von ${who}: Beenden Sie sie, und sehen Sie ins Protokoll.`
  }),
  manyQuestions: (most, link) => ({ subject: 'Sehr viele Fragen', text: `Mehr als ${most} Menschen ohne Konto haben in einer Stunde geschrieben. Was noch kommt, steht auf der Seite und wird nicht gemailt:\n\n${link}` }),
  manyRegistrations: (most, link) => ({
    subject: 'Sehr viele Registrierungen',
    text: `In dieser Stunde gingen ${most} Codes an Menschen, die sich registrieren wollen, und wenige wurden eingetippt: Vielleicht lässt jemand Fremden Mail schicken.\n\nBis zur nächsten Stunde gehen keine mehr hinaus; Anmelden und Wiederherstellen gehen weiter. Soll sich jetzt niemand registrieren, schließen Sie die Registrierung auf der Seite der Leute:\n\n${link}`
  }),
  webhookPaused: ({ host, fault }) => ({
    subject: `Webhook angehalten: ${host}`,
    text: `${fault === null ? `${host} will keine Nachrichten mehr (410).` : `${host} hat einen Tag lang keine Nachricht angenommen. Der letzte Grund: ${fault}.`}\nDorthin geht nichts mehr, bis jemand es wieder einschaltet; was inzwischen geschieht, wird drei Tage aufgehoben.`
  }),
  backupFailed: ({ at, fault }) => ({
    subject: 'Eine Sicherung ist misslungen', text: `Die Sicherung von ${at} konnte nicht gemacht werden.\n\n${fault}\n\nDie nächste wird innerhalb einer Stunde versucht, wenn Sicherungen von selbst gemacht werden. Das wird einmal gesagt, bis wieder eine gelingt.`
  }),
  capReached: (channel, messages) => ({
    subject: 'Die Obergrenze des Tages ist erreicht',
    text: `Heute gingen ${messages} Nachrichten über ${channel} hinaus: Das ist die Obergrenze, und bis Mitternacht (UTC) gehen keine mehr. Waren sie ehrlich, heben Sie die Grenze in den Einstellungen des Betrugsschutzes an.`
  }),
  guardBlocks: ({ shown, sent, verified, link }) => ({
    subject: 'Der Betrugsschutz hält Nachrichten auf',
    text: `Nachrichten an ${shown} werden aufgehalten: Von ${sent}, die hinausgingen, wurden ${verified} eingetippt. Wer schon früher bestätigt wurde, bekommt weiter welche.\n\nVielleicht lässt jemand Codes an Nummern schicken, die daran verdienen. Das wird einmal am Tag gesagt: Inzwischen kann mehr aufgehalten sein. Auf der Seite steht alles, und wer das System betreibt, kann es dort mit einer Begründung freigeben:\n\n${link}`
  }),

  witnessEnded: (who, link) => ({
    subject: 'Sie bekommen keine Prüfpunkte mehr',
    text: `${who} hat geändert, wer die Prüfpunkte des Protokolls von ${link} bekommt. An diese Adresse gehen keine mehr. Heben Sie die auf, die Sie haben: Sie zeigen weiter, ob das Protokoll geändert wurde.`
  }),
  checkpoint: ({ seq, at, link, line, key }) => ({
    subject: `Prüfpunkt: Zeile ${seq} des Protokolls`,
    text: `Am ${at.replace('T', ' um ')} (UTC) hatte das Protokoll von ${link} ${seq} Zeilen.\n\nHeben Sie diese Mail auf. Nimmt jemand das Protokoll auf einen früheren Stand zurück oder schreibt es neu, zeigt es die Zeile unten: Speichern Sie diese Mail als Textdatei, und führen Sie aus\n\n  oncekey audit verify --checkpoint DATEI\n\n${line}\n\nDer Schlüssel, der sie unterschrieben hat: ${key}`
  })
}
