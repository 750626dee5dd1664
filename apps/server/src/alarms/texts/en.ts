import { readerPolicy } from '@oncekey/otp'
import { lockoutMinutes, type AlarmTexts } from './told.ts'

export const en: AlarmTexts = {
  when: 'When', over: 'It is over already.', again: (times) => `It has happened ${times} times.`, more: (count) => `and ${count} more`,
  many: (count, subject) => `${subject}: ${count} alarms`, assigned: (who, subject) => `${who} gave you an alarm: ${subject}`,
  kinds: {
    lockout: {
      subject: 'Keypad locked', todo: 'Remote unlocking still works. You can end it on the Live page, with a reason:',
      what: (told) => told.details['resting'] === true
        ? `The keypad at ${told.place} has seen as many wrong codes in 24 hours as are safe. It rests for ${lockoutMinutes(told)} minutes.`
        : told.details['source'] === 'controller' ? `Too many wrong codes were typed at ${told.place} while it had no connection. Its keypad is locked for ${lockoutMinutes(told)} minutes.`
          : `${readerPolicy.triesInARow} wrong codes in a row were typed at ${told.place}. Its keypad is locked for ${lockoutMinutes(told)} minutes.`
    },
    forced: { subject: 'Door forced open', what: ({ place }) => `${place} was opened although its bolt was locked.`, todo: 'Somebody should look there. What happened before is in the record:' },
    held: { subject: 'Door held open', what: ({ place }) => `${place} has been open for longer than it may.`, todo: 'Somebody should close it:' },
    jammed: { subject: 'Lock stuck', what: ({ place }) => `The bolt at ${place} did not move.`, todo: 'Look whether something is in its way, then lock or unlock it once more:' },
    tamper: {
      subject: 'Tampering suspected', todo: 'Look at the controller and at its cables. If you can not explain it, remove the controller and claim it anew:',
      what: ({ place, details }) => details['event'] === 'controller.duplicated' ? `Two devices say that they are ${place}.` : details['event'] === 'controller.wiped' ? `The memory of ${place} was wiped.`
        : details['event'] === 'access.unexplained' ? `${place} was opened by a code that nobody made here.` : `Messages came in the name of ${place} that it did not make.`
    },
    offLine: { subject: 'Off line', what: ({ place }) => `${place} is off line. Nobody can open it from afar, and only codes that work without a network open it.`, todo: 'Look at its power and its network:' },
    battery: { subject: 'Battery low', what: ({ place, details }) => details['event'] === 'battery.critical' ? `The battery at ${place} is nearly empty. No new codes are given for it.` : `The battery at ${place} is low.`, todo: 'Charge or change it:' },
    gap: { subject: 'Events are missing', what: ({ place }) => `What ${place} recorded has a gap, or does not fit what it recorded before.`, todo: 'Its memory was full, was replaced, or was tampered with. The record says which events:' },
    refused: { subject: 'Refused attempts', what: ({ place, times }) => `${times} attempts were refused at ${place}.`, todo: 'Each with its reason is in the record:' },
    duress: { subject: 'Call for help', what: ({ place, details }) => `Somebody is being forced at ${place}: the second pin of ${String(details['pin'] ?? '')} was typed. The door behaves as always and shows nothing.`, todo: 'Get help there. Do not call them, and do not go alone. Only when everybody is safe, end the alarm: then the record says it to all who work here.' }
  }
}
