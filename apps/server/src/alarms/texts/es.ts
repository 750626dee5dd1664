import { readerPolicy } from '@oncekey/otp'
import { lockoutMinutes, type AlarmTexts } from './told.ts'

export const es: AlarmTexts = {
  when: 'Cuándo', over: 'Ya ha terminado.', again: (times) => `Ha ocurrido ${times} veces.`, more: (count) => `y ${count} más`,
  many: (count, subject) => `${subject}: ${count} alarmas`, assigned: (who, subject) => `${who} le ha asignado una alarma: ${subject}`,
  kinds: {
    lockout: {
      subject: 'Teclado bloqueado', todo: 'El desbloqueo a distancia sigue funcionando. Puede terminar el bloqueo en la página En vivo, indicando un motivo:',
      what: (told) => told.details['resting'] === true
        ? `El teclado de ${told.place} ha recibido en 24 horas tantos códigos erróneos como es seguro admitir. Descansa ${lockoutMinutes(told)} min.`
        : told.details['source'] === 'controller' ? `En ${told.place} se teclearon demasiados códigos erróneos mientras no había conexión. El teclado queda bloqueado ${lockoutMinutes(told)} min.`
          : `En ${told.place} se teclearon ${readerPolicy.triesInARow} códigos erróneos seguidos. El teclado queda bloqueado ${lockoutMinutes(told)} min.`
    },
    forced: { subject: 'Puerta forzada', what: ({ place }) => `${place}: se abrió aunque el cerrojo estaba echado.`, todo: 'Alguien debería ir a mirar. Lo que pasó antes está en el registro:' },
    held: { subject: 'Puerta abierta demasiado tiempo', what: ({ place }) => `${place}: lleva abierta más tiempo del permitido.`, todo: 'Alguien debería cerrarla:' },
    jammed: { subject: 'Cerradura atascada', what: ({ place }) => `${place}: el cerrojo no se movió.`, todo: 'Mire si algo lo estorba y luego bloquéelo o desbloquéelo otra vez:' },
    tamper: {
      subject: 'Posible manipulación', todo: 'Revise el controlador y sus cables. Si no encuentra la causa, quite el controlador y vincúlelo de nuevo:',
      what: ({ place, details }) => details['event'] === 'controller.duplicated' ? `Dos aparatos dicen ser ${place}.` : details['event'] === 'controller.wiped' ? `Se borró la memoria de ${place}.`
        : details['event'] === 'access.unexplained' ? `${place}: se abrió con un código que nadie hizo aquí.` : `Llegaron mensajes en nombre de ${place} que ese aparato no envió.`
    },
    offLine: { subject: 'Sin conexión', what: ({ place }) => `${place}: sin conexión. Nadie puede abrir a distancia; solo abren los códigos que funcionan sin red.`, todo: 'Revise su alimentación y su red:' },
    battery: { subject: 'Batería baja', what: ({ place, details }) => details['event'] === 'battery.critical' ? `${place}: la batería está casi agotada. No se dan códigos nuevos para allí.` : `${place}: la batería está baja.`, todo: 'Cárguela o cámbiela:' },
    gap: { subject: 'Faltan eventos', what: ({ place }) => `${place}: lo que anotó tiene un hueco o no concuerda con lo anterior.`, todo: 'Su memoria se llenó, se cambió o fue manipulada. El registro dice qué eventos son:' },
    refused: { subject: 'Intentos rechazados', what: ({ place, times }) => `${place}: ${times} intentos rechazados.`, todo: 'En el registro está cada uno con su motivo:' },
    duress: { subject: 'Petición de auxilio', what: ({ place, details }) => `Alguien está siendo obligado en ${place}: se tecleó el segundo PIN de ${String(details['pin'] ?? '')}. La puerta se comporta como siempre y no muestra nada.`, todo: 'Busque ayuda. No llame a esa persona y no vaya a solas. Termine la alarma solo cuando todos estén a salvo: entonces queda en el registro para todos los que trabajan aquí.' }
  }
}
