import type { RetentionKind } from '@oncekey/protocol/retention'
import type { ChallengePurpose } from '@oncekey/protocol/schemas'
import type { FactorEvent, Letters } from './en.ts'

const SECURITY = 'La seguridad de su cuenta ha cambiado'
const PASSWORD = 'Su contraseña ha cambiado'
const cannot = 'Si no fue usted, elija enseguida «No puedo iniciar sesión» en la página de inicio de sesión'
const whatFor: Readonly<Record<ChallengePurpose, string>> = {
  register: 'confirma su dirección', signIn: 'inicia su sesión', recover: 'le permite elegir una contraseña nueva', email: 'confirma su nueva dirección'
}
const factors: Readonly<Record<FactorEvent, string>> = {
  'authenticator added': 'se añadió una aplicación de autenticación a su cuenta. Desde ahora la contraseña sola ya no basta para entrar.',
  'authenticator removed': 'se quitó la aplicación de autenticación de su cuenta.',
  'passkey added': 'se añadió una llave de acceso a su cuenta. Desde ahora la contraseña sola ya no basta para entrar.',
  'passkey removed': 'se quitó una llave de acceso de su cuenta.',
  'recovery codes renewed': 'se hicieron códigos de recuperación nuevos para su cuenta. Los anteriores ya no valen.',
  'recovery code used': 'se usó un código de recuperación para demostrar que es usted. No sirve otra vez.',
  'second factors removed': 'un administrador quitó todos los segundos factores de su cuenta. Desde ahora basta la contraseña para entrar.'
}

const kinds: Readonly<Record<RetentionKind, string>> = { openings: 'aperturas', alarms: 'alarmas', accounts: 'inicios de sesión', messages: 'mensajes', devices: 'dispositivos', administration: 'administración' }

export const es: Letters = {
  challenge: ({ site, purpose, code, lastLine }) => ({
    subject: `Su código para ${site}`,
    text: `Su código para ${site} es ${code}\nEste código ${whatFor[purpose]}. Sirve una vez, durante 5 minutos, en el navegador que lo pidió. No se lo dé a nadie que llame o escriba.\nSi no lo pidió usted, no haga nada.\n\n${lastLine}`
  }),
  known: (site, link) => ({
    subject: `Ya tiene una cuenta en ${site}`,
    text: `Alguien, quizá usted, quiso registrarse en ${site} con esta dirección. Ya tiene una cuenta allí: inicie sesión, o elija «No puedo iniciar sesión» si olvidó la contraseña.\n\n${link}\n\nSi no fue usted, no haga nada: no se creó ninguna cuenta.`
  }),
  wanted: (site) => ({
    subject: `Su dirección en ${site}`,
    text: `Alguien con una cuenta en ${site} quiso usar esta dirección para ella. Allí ya es de usted, así que no se cambió nada.\n\nSi fue usted, con una segunda cuenta: inicie sesión con la primera, o elija «No puedo iniciar sesión» si olvidó su contraseña. Si no fue usted, no haga nada.`
  }),
  accessCode: ({ point, place, digits, offline }) => ({
    subject: `Código para ${point}`,
    text: `Su código para ${point} (${place}) es ${digits}\nTecléelo y después pulse #. ${offline === null ? 'Abre una vez.' : `Funciona sin red. ${offline.opensOnce ? `Abre una vez, hasta ${offline.until}.` : `Abre cuantas veces haga falta hasta ${offline.until}${offline.firstUse === null ? '' : `, si se usa por primera vez antes de ${offline.firstUse}`}.`}`}`
  }),
  invitation: ({ name, site, link }) => ({
    subject: `Su acceso a ${site}`, text: `Hola, ${name}:\n\n${site} le invita a Oncekey. Elija aquí su contraseña en un plazo de 7 días:\n\n${link}\n\nSi no lo esperaba, no le haga caso.`
  }),

  factor: ({ name, what, ended, link }) => ({
    subject: SECURITY,
    text: `Hola, ${name}:\n\n${factors[what]}${ended === 0 ? '' : ` Se cerró su sesión en los demás sitios (${ended}), porque aquellas sesiones empezaron sin eso.`}\n\nSi no fue usted, cambie enseguida la contraseña, cierre la sesión en todas partes y avise a su operador:\n\n${link}`
  }),
  provider: ({ name, host, isLinked, link }) => ({
    subject: SECURITY,
    text: `Hola, ${name}:\n\n${isLinked ? `desde ahora puede entrar en Oncekey con su cuenta de ${host}.` : `su cuenta de ${host} ya no le permite entrar en Oncekey.`}\n\n${cannot}, que lo deshace, y avise a su operador:\n\n${link}`
  }),
  passwordChanged: ({ name, isFirst }) => ({
    subject: PASSWORD,
    text: `Hola, ${name}:\n\n${isFirst ? 'se puso una contraseña a su cuenta de Oncekey, que no tenía ninguna.' : 'alguien que conocía la anterior cambió su contraseña de Oncekey.'} Las demás sesiones han terminado.\n\n${cannot} y avise a su operador.`
  }),
  passwordRecovered: (name) => ({
    subject: PASSWORD,
    text: `Hola, ${name}:\n\nsu contraseña de Oncekey se cambió con un código enviado a esta dirección. Las demás sesiones han terminado.\n\nSi no fue usted, avise enseguida a su operador: alguien lee su correo.`
  }),
  passwordByLink: (name) => ({
    subject: 'Se eligió su contraseña', text: `Hola, ${name}:\n\ncon el enlace de una invitación o de un restablecimiento se eligió una contraseña para su cuenta de Oncekey.\n\n${cannot} y avise a un administrador.`
  }),
  username: ({ name, username }) => ({
    subject: 'Su nombre de usuario ha cambiado', text: `Hola, ${name}:\n\ndesde ahora su nombre de usuario en Oncekey es ${username}. Su dirección de correo sirve para entrar como antes.\n\n${cannot} y avise a su operador.`
  }),
  address: ({ name, email, before }) => ({
    subject: 'Su dirección de correo ha cambiado', text: `Hola, ${name}:\n\ndesde ahora su dirección en Oncekey es ${email} en lugar de ${before}. Si no lo pidió usted, avise a su operador.`
  }),
  left: (name) => ({
    subject: 'Su cuenta se ha eliminado',
    text: `Hola, ${name}:\n\nsu cuenta de Oncekey se eliminó, como quiso alguien que había entrado con ella. Ya no puede iniciar sesión y sus códigos no abren nada. Su nombre queda en el registro de lo ocurrido.\n\nSi no fue usted, avise a su operador.`
  }),
  paused: ({ name, guessed }) => ({
    subject: 'Muchos inicios de sesión fallidos',
    text: `Hola, ${name}:\n\nalguien ha intentado muchas veces en vano entrar en Oncekey en su nombre. ${guessed === 'password' ? 'Las contraseñas' : 'Los códigos por correo'} no se admiten durante un tiempo en navegadores que usted no haya usado antes, ni siquiera cuando son correctos.\n\nLos navegadores en los que ya entró siguen como siempre, y ${guessed === 'password' ? 'un código por correo le permite entrar en cualquier sitio (elija «Recibir código por correo»)' : 'su contraseña le permite entrar en cualquier sitio'}. Si fue usted, espere una hora o use una de estas vías; si no, no tiene que hacer nada. Una llave de acceso o una aplicación de autenticación, en la página «Yo», deja fuera a los extraños para siempre.`
  }),

  answer: ({ subject, who, text, link }) => ({ subject: `Re: ${subject}`, text: `${who} responde:\n\n${text}\n\nPara contestar, abra ${link}` }),
  answerToStranger: ({ subject, name, who, text, link }) => ({
    subject: `Re: ${subject}`, text: `Hola, ${name}:\n\n${who} responde:\n\n${text}\n\nPara contestar, abra este enlace. Es solo para usted:\n\n${link}\n\nLos correos a esta dirección no se leen.`
  }),

  question: ({ name, email, personName, text, isFirst, link }) => ({
    subject: `${isFirst ? '' : 'Re: '}Consulta de ${name}`,
    text: `${isFirst ? `${name} <${email}> ${personName === null ? '(sin iniciar sesión)' : `(con la sesión de ${personName})`} escribe:` : `${name} escribe de nuevo:`}\n\n${text}\n\nPara responder, abra ${link}`
  }),
  retention: ({ who, kind, days, before, at, link }) => ({
    subject: 'Se borrarán contenidos del registro',
    text: `${who} decidió que los contenidos del registro (${kinds[kind]}) se borren a los ${days} días; ${before === null ? 'hasta ahora se guardaban para siempre' : `hasta ahora eran ${before}`}.\n\nEl borrado empieza el ${at} y no se puede deshacer. Hasta entonces cualquier propietario puede retirarlo: ${link}\n\nSi ninguno de ustedes lo quiso, otra persona tiene la sesión de ${who}: termínela y mire el registro.`
  }),
  manyQuestions: (most, link) => ({ subject: 'Muchísimas consultas', text: `Más de ${most} personas sin cuenta han escrito en una hora. Lo que llegue además está en la página y no se envía por correo:\n\n${link}` }),
  manyRegistrations: (most, link) => ({
    subject: 'Muchísimos registros',
    text: `En esta hora se enviaron ${most} códigos a personas que quieren registrarse y pocos se escribieron: puede que alguien haga enviar correo a desconocidos.\n\nNo se envían más hasta la próxima hora; el inicio de sesión y la recuperación siguen. Si ahora nadie debe registrarse, cierre el registro en la página de personas:\n\n${link}`
  }),
  webhookPaused: ({ host, fault }) => ({
    subject: `Webhook en pausa: ${host}`,
    text: `${fault === null ? `${host} dice que no quiere más mensajes (410).` : `${host} no ha aceptado ningún mensaje en un día. El último motivo: ${fault}.`}\nNo se envía nada allí hasta que alguien lo active otra vez; lo que pase mientras tanto se guarda tres días.`
  }),
  backupFailed: ({ at, fault }) => ({
    subject: 'Falló una copia de seguridad', text: `La copia de seguridad de ${at} no se pudo hacer.\n\n${fault}\n\nLa siguiente se intenta dentro de una hora si las copias se hacen solas. Esto se dice una vez, hasta que una salga bien.`
  }),
  capReached: (channel, messages) => ({
    subject: 'Se alcanzó el tope del día',
    text: `Hoy salieron ${messages} mensajes por ${channel}: es el tope, y no sale ninguno más hasta medianoche (UTC). Si eran legítimos, suba el tope en los ajustes de la protección antifraude.`
  }),
  guardBlocks: ({ shown, sent, verified, link }) => ({
    subject: 'La protección antifraude bloquea mensajes',
    text: `Los mensajes a ${shown} están bloqueados: de ${sent} que salieron se escribieron ${verified}. Quienes ya se verificaron antes siguen recibiendo los suyos.\n\nPuede que alguien haga enviar códigos a números que cobran por ello. Esto se dice una vez al día: puede haber más bloqueos. Un operador los ve todos y puede levantar uno con un motivo:\n\n${link}`
  }),

  witnessEnded: (who, link) => ({
    subject: 'Ya no recibe puntos de control',
    text: `${who} cambió quién recibe los puntos de control del registro de ${link}. A esta dirección no llegan más. Guarde los que tiene: siguen mostrando si se cambió el registro.`
  }),
  checkpoint: ({ seq, at, link, line, key }) => ({
    subject: `Punto de control: fila ${seq} del registro`,
    text: `El ${at.replace('T', ' a las ')} (UTC) el registro de ${link} tenía ${seq} filas.\n\nGuarde este correo. Si alguien devuelve el registro a un momento anterior o lo escribe de nuevo, la línea de abajo lo muestra: guarde este correo como archivo de texto y ejecute\n\n  oncekey audit verify --checkpoint ARCHIVO\n\n${line}\n\nLa clave que la firmó: ${key}`
  })
}
