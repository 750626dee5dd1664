import type { LockMode } from '@oncekey/protocol/messages'
import type { Language } from '@oncekey/protocol/schemas'

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
  })
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
  }
}
