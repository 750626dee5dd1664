import type { RetentionKind } from '@oncekey/protocol/retention'
import type { ChallengePurpose } from '@oncekey/protocol/schemas'
import type { FactorEvent, Letters } from './en.ts'

const SECURITY = 'La sécurité de votre compte a changé'
const PASSWORD = 'Votre mot de passe a changé'
const cannot = 'Si ce n’était pas vous, choisissez tout de suite « Je ne peux pas me connecter » sur la page de connexion'
const whatFor: Readonly<Record<ChallengePurpose, string>> = {
  register: 'confirme votre adresse', signIn: 'vous connecte', recover: 'vous laisse choisir un nouveau mot de passe', email: 'confirme votre nouvelle adresse'
}
const factors: Readonly<Record<FactorEvent, string>> = {
  'authenticator added': 'une application d’authentification a été ajoutée à votre compte. Désormais, le mot de passe seul ne vous connecte plus.',
  'authenticator removed': 'l’application d’authentification a été retirée de votre compte.',
  'passkey added': 'une clé d’accès a été ajoutée à votre compte. Désormais, le mot de passe seul ne vous connecte plus.',
  'passkey removed': 'une clé d’accès a été retirée de votre compte.',
  'recovery codes renewed': 'de nouveaux codes de secours ont été faits pour votre compte. Les précédents ne valent plus rien.',
  'recovery code used': 'un code de secours a servi à prouver que c’est vous. Il ne fonctionne plus.',
  'second factors removed': 'un administrateur a retiré tous les seconds facteurs de votre compte. Désormais, le mot de passe suffit pour vous connecter.'
}

const kinds: Readonly<Record<RetentionKind, string>> = { openings: 'ouvertures', alarms: 'alarmes', accounts: 'connexions', messages: 'messages', devices: 'appareils', administration: 'administration' }

export const fr: Letters = {
  challenge: ({ site, purpose, code, lastLine }) => ({
    subject: `Votre code pour ${site}`,
    text: `Votre code pour ${site} est ${code}\nIl ${whatFor[purpose]}. Il fonctionne une fois, pendant 5 minutes, dans le navigateur qui l’a demandé. Ne le donnez à personne qui vous appelle ou vous écrit.\nSi vous ne l’avez pas demandé, ne faites rien.\n\n${lastLine}`
  }),
  known: (site, link) => ({
    subject: `Vous avez un compte chez ${site}`,
    text: `Quelqu’un, peut-être vous, a voulu s’inscrire chez ${site} avec cette adresse. Vous y avez déjà un compte : connectez-vous, ou choisissez « Je ne peux pas me connecter » si vous avez oublié le mot de passe.\n\n${link}\n\nSi ce n’était pas vous, ne faites rien : aucun compte n’a été créé.`
  }),
  wanted: (site) => ({
    subject: `Votre adresse chez ${site}`,
    text: `Quelqu’un qui a un compte chez ${site} a voulu y utiliser cette adresse. Elle y est déjà la vôtre, donc rien n’a été changé.\n\nSi c’était vous, avec un second compte : connectez-vous avec le premier, ou choisissez « Je ne peux pas me connecter » si vous avez oublié son mot de passe. Si ce n’était pas vous, ne faites rien.`
  }),
  accessCode: ({ point, place, digits, offline }) => ({
    subject: `Code pour ${point}`,
    text: `Votre code pour ${point} (${place}) est ${digits}\nTapez-le sur le clavier, puis #. ${offline === null ? 'Il ouvre une fois.' : `Il fonctionne sans réseau. ${offline.opensOnce ? `Il ouvre une fois, jusqu’au ${offline.until}.` : `Il ouvre autant de fois que voulu jusqu’au ${offline.until}${offline.firstUse === null ? '' : `, s’il sert pour la première fois avant le ${offline.firstUse}`}.`}`}`
  }),
  invitation: ({ name, site, link }) => ({
    subject: `Votre accès à ${site}`, text: `Bonjour ${name},\n\n${site} vous invite sur Oncekey. Choisissez ici votre mot de passe, dans les 7 jours :\n\n${link}\n\nSi vous ne l’attendiez pas, n’en tenez pas compte.`
  }),

  factor: ({ name, what, ended, link }) => ({
    subject: SECURITY,
    text: `Bonjour ${name},\n\n${factors[what]}${ended === 0 ? '' : ` Vous avez été déconnecté partout ailleurs (${ended}), car ces sessions avaient commencé sans cela.`}\n\nSi ce n’était pas vous, changez tout de suite de mot de passe, déconnectez-vous partout et prévenez votre opérateur :\n\n${link}`
  }),
  provider: ({ name, host, isLinked, link }) => ({
    subject: SECURITY,
    text: `Bonjour ${name},\n\n${isLinked ? `désormais, vous pouvez vous connecter à Oncekey avec votre compte chez ${host}.` : `votre compte chez ${host} ne vous connecte plus à Oncekey.`}\n\n${cannot}, ce qui l’annule, et prévenez votre opérateur :\n\n${link}`
  }),
  passwordChanged: ({ name, isFirst }) => ({
    subject: PASSWORD,
    text: `Bonjour ${name},\n\n${isFirst ? 'un mot de passe a été choisi pour votre compte Oncekey, qui n’en avait pas.' : 'votre mot de passe Oncekey a été changé par quelqu’un qui connaissait l’ancien.'} Toutes les autres sessions sont terminées.\n\n${cannot}, et prévenez votre opérateur.`
  }),
  passwordRecovered: (name) => ({
    subject: PASSWORD,
    text: `Bonjour ${name},\n\nvotre mot de passe Oncekey a été changé par un code envoyé à cette adresse. Toutes les autres sessions sont terminées.\n\nSi ce n’était pas vous, prévenez tout de suite votre opérateur : quelqu’un lit vos e-mails.`
  }),
  passwordByLink: (name) => ({
    subject: 'Votre mot de passe a été choisi', text: `Bonjour ${name},\n\npar le lien d’une invitation ou d’une réinitialisation, un mot de passe a été choisi pour votre compte Oncekey.\n\n${cannot}, et prévenez un administrateur.`
  }),
  username: ({ name, username }) => ({
    subject: 'Votre nom d’utilisateur a changé', text: `Bonjour ${name},\n\ndésormais, votre nom d’utilisateur dans Oncekey est ${username}. Votre adresse e-mail vous connecte comme avant.\n\n${cannot}, et prévenez votre opérateur.`
  }),
  address: ({ name, email, before }) => ({
    subject: 'Votre adresse e-mail a changé', text: `Bonjour ${name},\n\ndésormais, votre adresse dans Oncekey est ${email} au lieu de ${before}. Si vous ne l’avez pas demandé, prévenez votre opérateur.`
  }),
  left: (name) => ({
    subject: 'Votre compte a été supprimé',
    text: `Bonjour ${name},\n\nvotre compte Oncekey a été supprimé, comme l’a voulu quelqu’un qui y était connecté. Vous ne pouvez plus vous connecter, et vos codes n’ouvrent rien. Votre nom reste dans le registre de ce qui s’est passé.\n\nSi ce n’était pas vous, prévenez votre opérateur.`
  }),
  paused: ({ name, guessed }) => ({
    subject: 'Beaucoup de connexions échouées',
    text: `Bonjour ${name},\n\nquelqu’un a essayé bien des fois, en vain, de se connecter à Oncekey à votre place. ${guessed === 'password' ? 'Les mots de passe' : 'Les codes par e-mail'} ne sont plus acceptés pendant un moment dans les navigateurs que vous n’avez pas encore utilisés, même s’ils sont justes.\n\nLes navigateurs où vous vous êtes déjà connecté continuent comme toujours, et ${guessed === 'password' ? 'un code par e-mail vous connecte partout (choisissez « Recevoir un code par e-mail »)' : 'votre mot de passe vous connecte partout'}. Si c’était vous, attendez une heure ou prenez un de ces chemins ; sinon, vous n’avez rien à faire. Une clé d’accès ou une application d’authentification, sur la page « Moi », tient les inconnus à l’écart pour de bon.`
  }),

  answer: ({ subject, who, text, link }) => ({ subject: `Re: ${subject}`, text: `${who} répond :\n\n${text}\n\nPour répondre à votre tour, ouvrez ${link}` }),
  answerToStranger: ({ subject, name, who, text, link }) => ({
    subject: `Re: ${subject}`, text: `Bonjour ${name},\n\n${who} répond :\n\n${text}\n\nPour répondre à votre tour, ouvrez ce lien. Il n’est que pour vous :\n\n${link}\n\nLes e-mails à cette adresse ne sont pas lus.`
  }),

  question: ({ name, email, personName, text, isFirst, link }) => ({
    subject: `${isFirst ? '' : 'Re: '}Question de ${name}`,
    text: `${isFirst ? `${name} <${email}> ${personName === null ? '(sans connexion)' : `(connexion : ${personName})`} écrit :` : `${name} écrit de nouveau :`}\n\n${text}\n\nPour répondre, ouvrez ${link}`
  }),
  retention: ({ who, kind, days, before, at, link }) => ({
    subject: 'Des contenus du registre seront effacés',
    text: `${who} a décidé que les contenus du registre (${kinds[kind]}) sont effacés après ${days} jours ; ${before === null ? 'jusqu’ici, ils étaient gardés pour toujours' : `jusqu’ici, c’était ${before}`}.\n\nL’effacement commence le ${at} et ne peut pas être annulé. D’ici là, tout propriétaire peut revenir dessus : ${link}\n\nSi aucun de vous ne l’a voulu, quelqu’un d’autre a la session de ${who} : terminez-la et regardez le registre.`
  }),
  manyQuestions: (most, link) => ({ subject: 'Énormément de questions', text: `Plus de ${most} personnes sans compte ont écrit en une heure. La suite est sur la page et n’est pas envoyée :\n\n${link}` }),
  manyRegistrations: (most, link) => ({
    subject: 'Énormément d’inscriptions',
    text: `Pendant cette heure, ${most} codes ont été envoyés à des personnes qui veulent s’inscrire, et peu ont été saisis : quelqu’un fait peut-être envoyer des e-mails à des inconnus.\n\nIl n’en part plus avant l’heure suivante ; la connexion et la récupération continuent. Si personne ne doit s’inscrire en ce moment, fermez l’inscription sur la page des personnes :\n\n${link}`
  }),
  webhookPaused: ({ host, fault }) => ({
    subject: `Webhook en pause : ${host}`,
    text: `${fault === null ? `${host} dit ne plus vouloir de messages (410).` : `${host} n’a pris aucun message depuis un jour. La dernière raison : ${fault}.`}\nRien n’y est plus envoyé tant que personne ne le remet en marche ; ce qui arrive entre-temps est gardé trois jours.`
  }),
  backupFailed: ({ at, fault }) => ({
    subject: 'Une sauvegarde a échoué', text: `La sauvegarde du ${at} n’a pas pu être faite.\n\n${fault}\n\nLa prochaine est tentée dans l’heure si les sauvegardes se font d’elles-mêmes. Ceci est dit une fois, jusqu’à ce qu’une réussisse.`
  }),
  capReached: (channel, messages) => ({
    subject: 'Le plafond du jour est atteint',
    text: `Aujourd’hui, ${messages} messages sont partis par ${channel} : c’est le plafond, et plus aucun ne part avant minuit (UTC). S’ils étaient honnêtes, relevez le plafond dans les réglages de la protection antifraude.`
  }),
  guardBlocks: ({ shown, sent, verified, link }) => ({
    subject: 'La protection antifraude bloque des messages',
    text: `Les messages vers ${shown} sont bloqués : sur ${sent} partis, ${verified} ont été saisis. Ceux qui ont déjà été vérifiés reçoivent encore les leurs.\n\nQuelqu’un fait peut-être envoyer des codes à des numéros qui en tirent de l’argent. Ceci est dit une fois par jour : il peut y avoir d’autres blocages. Un opérateur les voit tous et peut en lever un avec un motif :\n\n${link}`
  }),

  witnessEnded: (who, link) => ({
    subject: 'Vous ne recevez plus de points de contrôle',
    text: `${who} a changé qui reçoit les points de contrôle du registre de ${link}. Cette adresse n’en reçoit plus. Gardez ceux que vous avez : ils montrent encore si le registre a été changé.`
  }),
  checkpoint: ({ seq, at, link, line, key }) => ({
    subject: `Point de contrôle : ligne ${seq} du registre`,
    text: `Le ${at.replace('T', ' à ')} (UTC), le registre de ${link} avait ${seq} lignes.\n\nGardez cet e-mail. Si quelqu’un ramène le registre à un moment antérieur ou le récrit, la ligne ci-dessous le montre : enregistrez cet e-mail comme fichier texte et lancez\n\n  oncekey audit verify --checkpoint FICHIER\n\n${line}\n\nLa clé qui l’a signée : ${key}`
  })
}
