import type { LockMode } from '@oncekey/protocol/messages'
import type { Language } from '@oncekey/protocol/schemas'
import type { InLanguages } from '../platform/language.ts'

export type CodeMail = { point: string, site: string, mode: LockMode, digits: string, link: string }

/** The mail with a code that somebody asked for at a door. */
export const codeMail: Readonly<Record<Language, (mail: CodeMail) => { subject: string, text: string }>> = {
  en: ({ point, site, mode, digits, link }) => ({
    subject: `Code for ${point}`,
    text: `Somebody at ${point} (${site}) wants to ${mode} it. The code is ${digits}\nIt works there once, within 2 minutes. If you do not expect anybody, give it to nobody: without it the door stays as it is. This makes it useless at once:\n${link}`
  }),
  de: ({ point, site, mode, digits, link }) => ({
    subject: `Code für ${point}`,
    text: `Jemand steht vor ${point} (${site}) und möchte ${mode === 'lock' ? 'abschließen' : 'aufschließen'}. Der Code ist ${digits}\nEr wirkt dort einmal, innerhalb von 2 Minuten. Erwarten Sie niemanden, dann geben Sie ihn niemandem: Ohne ihn bleibt die Tür, wie sie ist. Hiermit wird er sofort wertlos:\n${link}`
  }),
  es: ({ point, site, mode, digits, link }) => ({
    subject: `Código para ${point}`,
    text: `Alguien está ante ${point} (${site}) y quiere ${mode === 'lock' ? 'cerrar' : 'abrir'}. El código es ${digits}\nSirve allí una sola vez, durante 2 minutos. Si no espera a nadie, no se lo dé a nadie: sin él, la puerta queda como está. Con esto deja de servir al instante:\n${link}`
  }),
  fr: ({ point, site, mode, digits, link }) => ({
    subject: `Code pour ${point}`,
    text: `Quelqu’un est devant ${point} (${site}) et souhaite ${mode === 'lock' ? 'verrouiller' : 'déverrouiller'}. Le code est ${digits}\nIl y fonctionne une seule fois, pendant 2 minutes. Si vous n’attendez personne, ne le donnez à personne : sans lui, la porte reste comme elle est. Ceci le rend inutile sur-le-champ :\n${link}`
  }),
  hi: ({ point, site, mode, digits, link }) => ({
    subject: `${point} के लिए कोड`,
    text: `${point} (${site}) पर कोई है और उसे ${mode === 'lock' ? 'बंद करना' : 'खोलना'} चाहता है। कोड है ${digits}\nयह वहाँ एक बार, 2 मिनट के भीतर काम करता है। अगर आप किसी का इंतज़ार नहीं कर रहे, तो यह किसी को न दें: इसके बिना दरवाज़ा जैसा है वैसा ही रहता है। इससे यह तुरंत बेकार हो जाता है:\n${link}`
  }),
  ar: ({ point, site, mode, digits, link }) => ({
    subject: `رمز لأجل ${point}`,
    text: `شخص ما أمام ${point} (${site}) ويريد ${mode === 'lock' ? 'قفله' : 'فتحه'}. الرمز هو ${digits}\nيعمل هناك مرة واحدة خلال دقيقتين. إن كنت لا تنتظر أحدًا فلا تعطه لأحد: من دونه يبقى الباب كما هو. هذا الرابط يبطله فورًا:\n${link}`
  })
}

type Notice = { title: string, body: string, says: Readonly<Record<'yes' | 'no' | 'done' | 'over', string>> }

/** The notification for those who may say yes to a request. */
export const askedNotice: InLanguages<(point: string, mode: LockMode) => Notice> = {
  en: (point, mode) => ({ title: point, body: `Somebody there wants to ${mode} it. This waits for two minutes.`, says: { yes: 'Approve', no: 'Deny', done: 'Answered.', over: 'This is over: somebody has answered, or it took too long.' } }),
  de: (point, mode) => ({ title: point, body: `Dort möchte jemand ${mode === 'lock' ? 'abschließen' : 'aufschließen'}. Das gilt zwei Minuten.`, says: { yes: 'Zulassen', no: 'Ablehnen', done: 'Beantwortet.', over: 'Das ist vorbei: Jemand hat geantwortet, oder es hat zu lange gedauert.' } }),
  es: (point, mode) => ({ title: point, body: `Alguien quiere ${mode === 'lock' ? 'cerrar con llave' : 'desbloquear'} allí. Espera dos minutos.`, says: { yes: 'Permitir', no: 'Rechazar', done: 'Respondido.', over: 'Ya pasó: alguien respondió o tardó demasiado.' } }),
  fr: (point, mode) => ({ title: point, body: `Quelqu’un veut y ${mode === 'lock' ? 'verrouiller' : 'déverrouiller'}. Cela attend deux minutes.`, says: { yes: 'Autoriser', no: 'Refuser', done: 'Réponse donnée.', over: 'C’est terminé : quelqu’un a répondu, ou cela a duré trop longtemps.' } }),
  hi: (point, mode) => ({ title: point, body: `वहाँ कोई ${mode === 'lock' ? 'लॉक' : 'अनलॉक'} करना चाहता है। यह दो मिनट रुकेगा।`, says: { yes: 'हाँ कहें', no: 'ना कहें', done: 'जवाब दिया गया।', over: 'यह खत्म हो चुका है: किसी ने जवाब दिया, या बहुत देर हो गई।' } }),
  ar: (point, mode) => ({ title: point, body: `هناك من يريد ${mode === 'lock' ? 'القفل' : 'فتح القفل'}. ينتظر الطلب دقيقتين.`, says: { yes: 'موافقة', no: 'رفض', done: 'تم الرد.', over: 'انتهى الطلب: رد أحد عليه أو طال الانتظار.' } })
}

type Words = { title: string, says: string }

/** The page behind the link in that mail. `used`: whoever did not expect anybody has to hear that somebody was there. */
export const stopPage: Readonly<Record<Language, { ask: Words & { go: string }, ended: Words, used: Words, unknown: Words }>> = {
  en: {
    ask: { title: 'End this code?', says: 'The code in your mail works at the door once. If you do not expect anybody, end it: it then opens nothing.', go: 'End the code' },
    ended: { title: 'The code is ended', says: 'It opens nothing any more.' },
    used: { title: 'The code was used', says: 'Somebody has typed it at the door already. It opens nothing any more. If you did not expect anybody, look at the door.' },
    unknown: { title: 'There is no such code', says: 'It may be long over.' }
  },
  de: {
    ask: { title: 'Diesen Code beenden?', says: 'Der Code in Ihrer Mail wirkt an der Tür einmal. Erwarten Sie niemanden, dann beenden Sie ihn: Er öffnet dann nichts.', go: 'Code beenden' },
    ended: { title: 'Der Code ist beendet', says: 'Er öffnet nichts mehr.' },
    used: { title: 'Der Code wurde benutzt', says: 'Jemand hat ihn an der Tür schon eingetippt. Er öffnet nichts mehr. Haben Sie niemanden erwartet, sehen Sie nach der Tür.' },
    unknown: { title: 'Diesen Code gibt es nicht', says: 'Vielleicht ist er längst vorbei.' }
  },
  es: {
    ask: { title: '¿Anular este código?', says: 'El código de su correo sirve en la puerta una vez. Si no espera a nadie, anúlelo: entonces no abre nada.', go: 'Anular el código' },
    ended: { title: 'El código está anulado', says: 'Ya no abre nada.' },
    used: { title: 'El código ya se usó', says: 'Alguien ya lo tecleó en la puerta. No abre nada más. Si no esperaba a nadie, vaya a ver la puerta.' },
    unknown: { title: 'Ese código no existe', says: 'Puede que haya terminado hace tiempo.' }
  },
  fr: {
    ask: { title: 'Annuler ce code ?', says: 'Le code de votre e-mail fonctionne une fois à la porte. Si vous n’attendez personne, annulez-le : il n’ouvre alors plus rien.', go: 'Annuler le code' },
    ended: { title: 'Le code est annulé', says: 'Il n’ouvre plus rien.' },
    used: { title: 'Le code a été utilisé', says: 'Quelqu’un l’a déjà tapé à la porte. Il n’ouvre plus rien. Si vous n’attendiez personne, allez voir la porte.' },
    unknown: { title: 'Ce code n’existe pas', says: 'Il est peut-être terminé depuis longtemps.' }
  },
  hi: {
    ask: { title: 'यह कोड खत्म करें?', says: 'आपकी मेल का कोड दरवाज़े पर एक बार काम करता है। अगर आप किसी का इंतज़ार नहीं कर रहे, तो इसे खत्म करें: फिर यह कुछ नहीं खोलता।', go: 'कोड खत्म करें' },
    ended: { title: 'कोड खत्म हो गया', says: 'अब यह कुछ नहीं खोलता।' },
    used: { title: 'कोड इस्तेमाल हो चुका', says: 'कोई इसे दरवाज़े पर पहले ही डाल चुका है। अब यह कुछ नहीं खोलता। अगर आप किसी का इंतज़ार नहीं कर रहे थे, तो दरवाज़ा देख लें।' },
    unknown: { title: 'ऐसा कोई कोड नहीं है', says: 'हो सकता है कि यह बहुत पहले खत्म हो चुका हो।' }
  },
  ar: {
    ask: { title: 'هل تريد إنهاء هذا الرمز؟', says: 'الرمز الذي في بريدك يعمل عند الباب مرة واحدة. إن كنت لا تنتظر أحدًا فأنهه: عندها لا يفتح شيئًا.', go: 'إنهاء الرمز' },
    ended: { title: 'انتهى الرمز', says: 'لم يعد يفتح شيئًا.' },
    used: { title: 'استُعمل الرمز', says: 'كتبه شخص ما عند الباب. لم يعد يفتح شيئًا. إن لم تكن تنتظر أحدًا فتفقّد الباب.' },
    unknown: { title: 'لا يوجد رمز كهذا', says: 'ربما انتهى منذ وقت طويل.' }
  }
}
