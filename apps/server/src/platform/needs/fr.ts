import type { Needs } from './en.ts'

export const fr: Needs = {
  isMissing: 'manque', notEmpty: 'ne peut pas être vide', needsCharacters: (least) => `doit avoir au moins ${least} caractères`, fewerCharacters: (most) => `peut avoir au plus ${most} caractères`,
  atLeast: (least) => `doit être au moins ${least}`, atMost: (most) => `peut être au plus ${most}`, otherForm: 'n’a pas la forme voulue', doesNotFit: 'ne convient pas ici',

  mailDomain: 'Indiquez au moins un domaine de messagerie, par exemple example.org.',
  mailOf: (domains) => `Elle doit se terminer par ${domains.map((one) => `@${one}`).join(' ou ')}.`,
  taken: 'Quelqu’un l’a déjà. Choisissez autre chose.',
  ownAlready: 'C’est celle que vous avez.',
  emailAddress: 'Indiquez une adresse e-mail, seule et sans espaces.',
  ownPhone: 'Indiquez votre numéro de téléphone avec + et l’indicatif de son pays, par exemple +49 151 23456789.',
  mailOrPhone: 'Indiquez une adresse e-mail, ou un numéro de téléphone avec + et l’indicatif de son pays, par exemple +49 151 23456789.',
  callable: 'Ce numéro ne peut pas exister : trop ou trop peu de chiffres, ou attribué à personne. Vérifiez-le.',
  noMessages: 'Prenez un autre numéro : celui-ci est surtaxé ou ne reçoit pas de messages.',
  timeZone: 'Indiquez un fuseau horaire IANA, par exemple Europe/Paris.',

  passwordIsSite: 'C’est le nom de ce lieu. Prenez quelque chose que les autres ne savent pas.',
  passwordBreached: 'Il a été volé ailleurs et figure dans les listes des programmes qui devinent. Prenez-en un autre, et changez-le là où vous l’utilisez.',
  passwordCommon: 'C’est parmi ce qu’on essaie en premier. Prenez quelques mots qui ne vont pas ensemble.',
  passwordIsOwn: 'C’est le nom ou l’adresse. Prenez quelque chose que les autres ne savent pas.',

  afterStart: 'La fin doit venir après le début.', inFuture: 'La fin doit être à venir.', within30Days: 'Indiquez un moment dans les 30 prochains jours.', dayOfCalendar: 'Ce jour n’existe pas.', gone: 'Cela n’existe plus.',
  personOrAddress: 'Choisissez une personne, ou écrivez une adresse.', fewerRecipients: (most) => `Cette porte en a déjà ${most} ; pas davantage.`,

  rangeTooMany: (most) => `Cela fait plus de ${most} noms. Faites-en plusieurs armoires.`, rangeEmpty: 'Indiquez au moins un compartiment, par exemple A01-A12.',
  rangeTwice: (name) => `« ${name} » figure deux fois.`, rangeLong: (name, most) => `« ${name} » a plus de ${most} caractères.`, rangeSign: 'Un caractère ne peut pas être affiché.',
  rangeLetters: (part) => `« ${part} » : les deux bouts doivent commencer par les mêmes lettres.`, rangeOrder: (part) => `« ${part} » : le premier nombre ne peut pas être plus grand que le dernier.`,
  rangePartTooMany: (part, most) => `« ${part} » : cela fait plus de ${most} noms. Faites-en plusieurs armoires.`,

  wholeNumber: (least, most) => `Indiquez un nombre entier de ${least} à ${most}.`, oneOf: (choices) => `Choisissez parmi ${choices.join(', ')}.`, onOrOff: 'C’est soit activé, soit désactivé.', seeHelp: 'Il faut une autre forme : l’aide à côté dit laquelle.',

  lockerAddress: 'Indiquez l’adresse du programme de la consigne.', noLockerAddress: 'Laissez vide : seule une consigne reçoit ses codes.', nearAddress: 'Indiquez une adresse de votre propre réseau en chiffres, par exemple http://192.168.1.40.',
  brokerPassword: 'Saisissez de nouveau le mot de passe : c’est un autre broker.',
  hookUrl: 'Indiquez une URL, par exemple https://shop.example.org/webhooks.', hookScheme: 'Indiquez une adresse qui commence par https:// (http seulement vers les réseaux de ONCEKEY_WEBHOOK_NETWORKS).',
  hookCredentials: 'Retirez de l’adresse le nom et le mot de passe : les messages sont signés.', hookPort: 'Prenez le port 80, 443 ou un port à partir de 1024.',
  hookAddress: 'Indiquez une adresse que tout le monde atteint ; vos propres réseaux vont dans ONCEKEY_WEBHOOK_NETWORKS.',

  templateNoCode: '{code} là où doit se trouver le code', templateOneCode: '{code} une seule fois', templateCodeInSubject: 'pas de {code} : les objets s’affichent sur les écrans verrouillés, et les serveurs de messagerie les gardent',
  templateWords: 'quelques mots', templateNoSubject: 'être vide : seul un e-mail a un objet', templateOneLine: 'une ligne sans caractères de contrôle',
  templateSigns: 'pas de caractères de contrôle hormis les sauts de ligne, et aucun qui inverse la suite',
  templateStrange: (what) => `${what} ne veut rien dire ici ; il y a {code}, {site} et {minutes}`, templateLink: 'ni lien ni adresse : qui suit les vôtres suit aussi ceux d’un voleur',
  templateAt: 'pas de ligne qui commence par @ : la ligne pour les navigateurs s’ajoute d’elle-même',
  templateLong: (characters, isGsm) => `moins de caractères : avec un nom et un hôte habituels, cela fait ${characters} (${isGsm ? 'un SMS en contient 160' : 'un SMS en contient 70, parce qu’un signe n’est pas dans l’alphabet des SMS, et deux en contiennent 134'})`
}
