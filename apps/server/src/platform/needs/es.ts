import type { Needs } from './en.ts'

export const es: Needs = {
  isMissing: 'falta', notEmpty: 'no puede estar vacío', needsCharacters: (least) => `necesita al menos ${least} caracteres`, fewerCharacters: (most) => `puede tener como máximo ${most} caracteres`,
  atLeast: (least) => `tiene que ser al menos ${least}`, atMost: (most) => `puede ser como máximo ${most}`, otherForm: 'no tiene la forma necesaria', doesNotFit: 'no encaja aquí',

  mailDomain: 'Indique al menos un dominio de correo, por ejemplo example.org.',
  mailOf: (domains) => `Tiene que terminar en ${domains.map((one) => `@${one}`).join(' o ')}.`,
  taken: 'Ya lo tiene otra persona. Elija otro.',
  ownAlready: 'Es la que ya tiene.',
  emailAddress: 'Indique una dirección de correo, sola y sin espacios.',
  ownPhone: 'Indique su número de teléfono con + y el prefijo de su país, por ejemplo +49 151 23456789.',
  mailOrPhone: 'Indique una dirección de correo o un número de teléfono con + y el prefijo de su país, por ejemplo +49 151 23456789.',
  callable: 'Este número no puede existir: tiene pocas o demasiadas cifras, o no está asignado. Revíselo.',
  noMessages: 'Use otro número: este cuesta más a quien llama o no recibe mensajes.',
  timeZone: 'Indique una zona horaria IANA como Europe/Madrid.',

  passwordIsSite: 'Así se llama este lugar. Use algo que los demás no sepan.',
  passwordBreached: 'Fue robada en otro sitio y está en las listas con las que adivinan los programas. Use otra, y cámbiela también donde la utilice.',
  passwordCommon: 'Es de lo primero que se prueba. Use varias palabras que no tengan relación entre sí.',
  passwordIsOwn: 'Es el nombre o la dirección. Use algo que los demás no sepan.',

  afterStart: 'El final tiene que ser posterior al comienzo.', inFuture: 'El final tiene que estar en el futuro.', within30Days: 'Indique un momento dentro de los próximos 30 días.', dayOfCalendar: 'Ese día no existe.', gone: 'Eso ya no existe.',
  personOrAddress: 'Elija una persona o escriba una dirección.', fewerRecipients: (most) => `Esta puerta ya tiene ${most}; no caben más.`,

  rangeTooMany: (most) => `Son más de ${most} nombres. Haga varios armarios.`, rangeEmpty: 'Indique al menos un compartimento, por ejemplo A01-A12.',
  rangeTwice: (name) => `«${name}» aparece dos veces.`, rangeLong: (name, most) => `«${name}» tiene más de ${most} caracteres.`, rangeSign: 'Contiene un carácter que no se puede mostrar.',
  rangeLetters: (part) => `«${part}»: los dos extremos tienen que empezar por las mismas letras.`, rangeOrder: (part) => `«${part}»: el primer número no puede ser mayor que el último.`,
  rangePartTooMany: (part, most) => `«${part}»: son más de ${most} nombres. Haga varios armarios.`,

  wholeNumber: (least, most) => `Indique un número entero de ${least} a ${most}.`, oneOf: (choices) => `Elija uno de estos: ${choices.join(', ')}.`, onOrOff: 'Solo puede estar activado o desactivado.', seeHelp: 'Tiene otra forma: la ayuda de al lado dice cuál.',

  lockerAddress: 'Indique la dirección del programa de la taquilla.', noLockerAddress: 'Se deja vacío: solo una taquilla recibe sus códigos.', nearAddress: 'Indique una dirección de su propia red como número, por ejemplo http://192.168.1.40.',
  brokerPassword: 'Escriba la contraseña otra vez: el broker es otro.',
  hookUrl: 'Indique una URL, por ejemplo https://shop.example.org/webhooks.', hookScheme: 'Indique una dirección que empiece por https:// (http solo a redes de ONCEKEY_WEBHOOK_NETWORKS).',
  hookCredentials: 'Quite el nombre y la contraseña de la dirección: los mensajes van firmados.', hookPort: 'Use el puerto 80, el 443 o uno a partir del 1024.',
  hookAddress: 'Indique una dirección a la que todos lleguen; las redes propias se ponen en ONCEKEY_WEBHOOK_NETWORKS.',

  templateNoCode: '{code} en el lugar donde irá el código', templateOneCode: '{code} una sola vez', templateCodeInSubject: 'sin {code}: los asuntos se ven en pantallas bloqueadas y los servidores de correo los guardan',
  templateWords: 'unas palabras', templateNoSubject: 'quedar vacío: solo un correo tiene asunto', templateOneLine: 'una línea sin caracteres de control',
  templateSigns: 'sin más caracteres de control que saltos de línea, y ninguno que invierta lo que sigue',
  templateStrange: (what) => `${what} no significa nada aquí; hay {code}, {site} y {minutes}`, templateLink: 'sin enlaces ni direcciones: quien sigue los suyos sigue también los de un ladrón',
  templateAt: 'ninguna línea que empiece por @: la línea para navegadores se añade sola',
  templateLong: (characters, isGsm) => `menos caracteres: con un nombre y un host habituales son ${characters} (${isGsm ? 'en un SMS caben 160' : 'en un SMS caben 70, porque un signo no está en el alfabeto de los SMS, y en dos 134'})`
}
