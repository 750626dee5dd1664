/** What the display says, in ASCII of at most 16 characters; a text that ends with a space is followed by a name or a number. */
export type Texts = {
  starting: string
  enterCode: string
  code: string
  checking: string
  stillChecking: string
  noAnswer: string
  tryAgain: string
  open: string
  closeAfter: string
  locked: string
  notAccepted: string
  oneTryLeft: string
  /** Follows a number. */
  triesLeft: string
  keypadLocked: string
  wait: string
  /** At most 7, beside the name. */
  offline: string
  tryLater: string
  noClock: string
  stuck: string
  callOperator: string
  resting: string
  waitMinute: string
  pleaseClose: string
  theDoor: string
  claimCode: string
  address: string
  server: string
  clock: string
  lastError: string
  codeSent: string
  alreadySent: string
  /** Between two numbers. */
  of: string
  nobodyReached: string
  tooMany: string
  asked: string
  forYes: string
  notApproved: string
}

const en: Texts = {
  starting: 'Starting...',
  enterCode: 'Enter code',
  code: 'Code:',
  checking: 'Checking...',
  stillChecking: 'Still checking',
  noAnswer: 'No answer',
  tryAgain: 'Try again',
  open: 'Open: ',
  closeAfter: 'Close it after',
  locked: 'Locked: ',
  notAccepted: 'Not accepted',
  oneTryLeft: '1 try left',
  triesLeft: ' tries left',
  keypadLocked: 'Keypad locked',
  wait: 'Wait ',
  offline: 'offline',
  tryLater: 'Try again later',
  noClock: 'Clock not set',
  stuck: 'Lock is stuck',
  callOperator: 'Call operator',
  resting: 'Lock is resting',
  waitMinute: 'Wait a minute',
  pleaseClose: 'Please close',
  theDoor: 'the door ',
  claimCode: 'Claim code:',
  address: 'IP address',
  server: 'Server',
  clock: 'Clock: ',
  lastError: 'Last error',
  codeSent: 'Code sent to',
  alreadySent: 'Already sent to',
  of: ' of ',
  nobodyReached: 'Nobody reached',
  tooMany: 'Too many codes',
  asked: 'Request sent',
  forYes: 'Wait for a yes',
  notApproved: 'Not approved'
}

const de: Texts = {
  starting: 'Startet...',
  enterCode: 'Code eingeben',
  code: 'Code:',
  checking: 'Pruefe...',
  stillChecking: 'Noch Geduld...',
  noAnswer: 'Keine Antwort',
  tryAgain: 'Noch einmal',
  open: 'Offen: ',
  closeAfter: 'Danach zumachen',
  locked: 'Zu: ',
  notAccepted: 'Nicht angenommen',
  oneTryLeft: 'Noch 1 Versuch',
  triesLeft: ' Versuche noch',
  keypadLocked: 'Tasten gesperrt',
  wait: 'Warten ',
  offline: 'offline',
  tryLater: 'Spaeter nochmal',
  noClock: 'Uhrzeit fehlt',
  stuck: 'Schloss klemmt',
  callOperator: 'Personal rufen',
  resting: 'Schloss ruht',
  waitMinute: 'Minute warten',
  pleaseClose: 'Bitte schliessen',
  theDoor: 'Tuer ',
  claimCode: 'Anmeldecode:',
  address: 'IP-Adresse',
  server: 'Server',
  clock: 'Uhr: ',
  lastError: 'Letzter Fehler',
  codeSent: 'Code gesandt an',
  alreadySent: 'Schon gesandt an',
  of: ' von ',
  nobodyReached: 'Nicht zustellbar',
  tooMany: 'Zu viele Codes',
  asked: 'Anfrage laeuft',
  forYes: 'Bitte warten',
  notApproved: 'Nicht erlaubt'
}

const es: Texts = {
  starting: 'Iniciando...',
  enterCode: 'Teclee codigo',
  code: 'Codigo:',
  checking: 'Comprobando...',
  stillChecking: 'Aun comprobando',
  noAnswer: 'Sin respuesta',
  tryAgain: 'Otra vez',
  open: 'Abra: ',
  closeAfter: 'Cierre despues',
  locked: 'Cerrado: ',
  notAccepted: 'No aceptado',
  oneTryLeft: 'Queda 1 intento',
  triesLeft: ' intentos mas',
  keypadLocked: 'Teclado cerrado',
  wait: 'Espere ',
  offline: 'sin red',
  tryLater: 'Mas tarde',
  noClock: 'Reloj sin hora',
  stuck: 'Cierre atascado',
  callOperator: 'Avise a personal',
  resting: 'Cierre en pausa',
  waitMinute: 'Espere un minuto',
  pleaseClose: 'Por favor cierre',
  theDoor: 'puerta ',
  claimCode: 'Codigo de alta:',
  address: 'Direccion IP',
  server: 'Servidor',
  clock: 'Reloj: ',
  lastError: 'Ultimo error',
  codeSent: 'Codigo enviado a',
  alreadySent: 'Ya enviado a',
  of: ' de ',
  nobodyReached: 'Nadie localizado',
  tooMany: 'Demasiados',
  asked: 'Solicitud hecha',
  forYes: 'Espere un si',
  notApproved: 'No autorizado'
}

const fr: Texts = {
  starting: 'Demarrage...',
  enterCode: 'Tapez le code',
  code: 'Code :',
  checking: 'Verification...',
  stillChecking: 'Encore un peu...',
  noAnswer: 'Pas de reponse',
  tryAgain: 'Reessayez',
  open: 'Ouvert: ',
  closeAfter: 'Refermez ensuite',
  locked: 'Ferme: ',
  notAccepted: 'Code refuse',
  oneTryLeft: 'Reste 1 essai',
  triesLeft: ' essais restent',
  keypadLocked: 'Clavier bloque',
  wait: 'Attendez ',
  offline: 'hors l.',
  tryLater: 'Plus tard',
  noClock: 'Heure inconnue',
  stuck: 'Serrure bloquee',
  callOperator: 'Appelez le pers.',
  resting: 'Serrure en pause',
  waitMinute: 'Attendez 1 min',
  pleaseClose: 'Fermez svp',
  theDoor: 'la porte ',
  claimCode: 'Code d\'ajout :',
  address: 'Adresse IP',
  server: 'Serveur',
  clock: 'Heure: ',
  lastError: 'Derniere erreur',
  codeSent: 'Code envoye a',
  alreadySent: 'Deja envoye a',
  of: ' sur ',
  nobodyReached: 'Personne joint',
  tooMany: 'Trop de codes',
  asked: 'Demande envoyee',
  forYes: 'Attendez un oui',
  notApproved: 'Non autorise'
}

/** The texts of a language ('de', 'de-AT', ...); English for one that is not here. */
export function textsOf (language: string): Texts {
  switch (language.slice(0, 2)) {
    case 'de': return de
    case 'es': return es
    case 'fr': return fr
    default: return en
  }
}

/** All of them, for the check that each fits. */
export const catalogues: readonly { language: string, texts: Texts }[] = [
  { language: 'en', texts: en }, { language: 'de', texts: de }, { language: 'es', texts: es }, { language: 'fr', texts: fr }
]
