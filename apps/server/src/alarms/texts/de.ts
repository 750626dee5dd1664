import { readerPolicy } from '@oncekey/otp'
import { lockoutMinutes, type AlarmTexts } from './told.ts'

export const de: AlarmTexts = {
  when: 'Wann', over: 'Es ist schon vorbei.', again: (times) => `Das ist ${times}-mal geschehen.`, more: (count) => `und ${count} weitere`,
  many: (count, subject) => `${subject}: ${count} Alarme`, assigned: (who, subject) => `${who} hat Ihnen einen Alarm gegeben: ${subject}`,
  kinds: {
    lockout: {
      subject: 'Tastatur gesperrt', todo: 'Aus der Ferne lässt sich weiter öffnen. Auf der Seite „Live“ können Sie die Sperre mit einer Begründung beenden:',
      what: (told) => told.details['resting'] === true
        ? `Die Tastatur an ${told.place} hat in 24 Stunden so viele falsche Codes gesehen, wie sicher sind. Sie ruht ${lockoutMinutes(told)} Minuten.`
        : told.details['source'] === 'controller' ? `An ${told.place} wurden ohne Verbindung zu viele falsche Codes eingetippt. Die Tastatur ist ${lockoutMinutes(told)} Minuten gesperrt.`
          : `An ${told.place} wurden ${readerPolicy.triesInARow} falsche Codes nacheinander eingetippt. Die Tastatur ist ${lockoutMinutes(told)} Minuten gesperrt.`
    },
    forced: { subject: 'Tür aufgebrochen', what: ({ place }) => `${place} wurde geöffnet, obwohl der Riegel zu war.`, todo: 'Jemand sollte nachsehen. Was vorher geschah, steht im Protokoll:' },
    held: { subject: 'Tür steht offen', what: ({ place }) => `${place} steht länger offen als erlaubt.`, todo: 'Jemand sollte sie schließen:' },
    jammed: { subject: 'Schloss klemmt', what: ({ place }) => `Der Riegel an ${place} hat sich nicht bewegt.`, todo: 'Sehen Sie nach, ob etwas im Weg ist, und schließen Sie dann noch einmal auf oder ab:' },
    tamper: {
      subject: 'Verdacht auf Manipulation', todo: 'Sehen Sie sich das Steuergerät und seine Kabel an. Lässt es sich nicht erklären, entfernen Sie das Gerät und nehmen Sie es neu auf:',
      what: ({ place, details }) => details['event'] === 'controller.duplicated' ? `Zwei Geräte geben sich als ${place} aus.` : details['event'] === 'controller.wiped' ? `Der Speicher von ${place} wurde gelöscht.`
        : details['event'] === 'access.unexplained' ? `${place} wurde mit einem Code geöffnet, den hier niemand gemacht hat.` : `Im Namen von ${place} kamen Nachrichten, die das Gerät nicht gemacht hat.`
    },
    offLine: { subject: 'Nicht verbunden', what: ({ place }) => `${place} ist nicht verbunden. Von fern lässt sich dort nichts öffnen; es wirken nur Codes, die ohne Netz gelten.`, todo: 'Sehen Sie nach Strom und Netz:' },
    battery: { subject: 'Batterie schwach', what: ({ place, details }) => details['event'] === 'battery.critical' ? `Die Batterie an ${place} ist fast leer. Neue Codes gibt es dort nicht.` : `Die Batterie an ${place} ist schwach.`, todo: 'Laden oder wechseln Sie sie:' },
    gap: { subject: 'Ereignisse fehlen', what: ({ place }) => `Was ${place} aufgezeichnet hat, hat eine Lücke oder passt nicht zu dem davor.`, todo: 'Der Speicher war voll, wurde ersetzt, oder jemand hat eingegriffen. Welche Ereignisse fehlen, steht im Protokoll:' },
    refused: { subject: 'Abgelehnte Versuche', what: ({ place, times }) => `${times} Versuche wurden an ${place} abgelehnt.`, todo: 'Jeder steht mit seinem Grund im Protokoll:' },
    duress: { subject: 'Hilferuf', what: ({ place, details }) => `An ${place} wird jemand gezwungen: Die zweite PIN von ${String(details['pin'] ?? '')} wurde eingetippt. Die Tür verhält sich wie immer und zeigt nichts an.`, todo: 'Holen Sie Hilfe. Rufen Sie dort nicht an und gehen Sie nicht allein hin. Beenden Sie den Alarm erst, wenn alle in Sicherheit sind: Dann steht es für alle, die hier arbeiten, im Protokoll.' }
  }
}
