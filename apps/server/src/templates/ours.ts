import type { MessageLanguage, TemplateKind, VerificationChannel } from '@oncekey/protocol/schemas'

export type Words = { subject: string, text: string }

export const languages: readonly MessageLanguage[] = ['en', 'de', 'fr', 'es', 'hi', 'ar']
export const kinds: readonly TemplateKind[] = ['text', 'voice', 'email']

/** Which words a channel's messages are made of. */
export function kindOf (channel: VerificationChannel): TemplateKind {
  return channel === 'email' || channel === 'voice' ? channel : 'text'
}

/**
 * The words that come with the program. Those of `text` leave room for a name and a host: one SMS of 160 signs, or of 70
 * where the script is not in the alphabet of SMS, so those say less. Spanish says "clave", because that alphabet has no ó.
 */
export const ours: Readonly<Record<TemplateKind, Readonly<Record<MessageLanguage, Words>>>> = {
  text: {
    en: { subject: '', text: '{code} is your code for {site}. Good for {minutes} minutes. Tell it to nobody.' },
    de: { subject: '', text: '{code} ist Ihr Code für {site}. Er gilt {minutes} Minuten. Sagen Sie ihn niemandem.' },
    fr: { subject: '', text: '{code} est votre code pour {site}. Valable {minutes} minutes. Ne le dites à personne.' },
    es: { subject: '', text: '{code} es su clave para {site}. Vale {minutes} minutos. No se la diga a nadie.' },
    hi: { subject: '', text: '{site} कोड: {code}' },
    ar: { subject: '', text: 'رمز {site}: {code}' }
  },
  voice: {
    en: { subject: '', text: 'Your code for {site} is: {code}. Once more: {code}. Tell it to nobody.' },
    de: { subject: '', text: 'Ihr Code für {site} lautet: {code}. Noch einmal: {code}. Sagen Sie ihn niemandem.' },
    fr: { subject: '', text: 'Votre code pour {site} est : {code}. Encore une fois : {code}. Ne le dites à personne.' },
    es: { subject: '', text: 'Su código para {site} es: {code}. Otra vez: {code}. No se lo diga a nadie.' },
    hi: { subject: '', text: '{site} के लिए आपका कोड है: {code}। फिर से: {code}। इसे किसी को न बताएँ।' },
    ar: { subject: '', text: 'رمزك في {site} هو: {code}. مرة أخرى: {code}. لا تخبر به أحدا.' }
  },
  email: {
    en: { subject: 'Your code for {site}', text: 'Your code for {site} is {code}\nIt works once, within {minutes} minutes. Give it to nobody who calls or writes to you.\nIf you did not ask for it, do nothing.' },
    de: { subject: 'Ihr Code für {site}', text: 'Ihr Code für {site} ist {code}\nEr gilt einmal, {minutes} Minuten lang. Geben Sie ihn niemandem, der anruft oder schreibt.\nWenn Sie keinen wollten, tun Sie nichts.' },
    fr: { subject: 'Votre code pour {site}', text: 'Votre code pour {site} est {code}\nIl sert une seule fois, dans les {minutes} minutes. Ne le donnez à personne qui vous appelle ou vous écrit.\nSi vous ne l’avez pas demandé, ne faites rien.' },
    es: { subject: 'Su código para {site}', text: 'Su código para {site} es {code}\nSirve una sola vez, durante {minutes} minutos. No se lo dé a nadie que le llame o le escriba.\nSi no lo ha pedido, no haga nada.' },
    hi: { subject: '{site} के लिए आपका कोड', text: '{site} के लिए आपका कोड है {code}\nयह एक ही बार, {minutes} मिनट के भीतर काम करता है। फ़ोन करने या लिखने वाले किसी को भी इसे न दें।\nअगर आपने इसे नहीं माँगा, तो कुछ न करें।' },
    ar: { subject: 'رمزك في {site}', text: 'رمزك في {site} هو {code}\nيعمل مرة واحدة خلال {minutes} دقائق. لا تعطه لأي شخص يتصل بك أو يكتب إليك.\nإذا لم تطلبه فلا تفعل شيئا.' }
  }
}
