import { readerPolicy } from '@oncekey/otp'
import { lockoutMinutes, type AlarmTexts } from './told.ts'

export const fr: AlarmTexts = {
  when: 'Quand', over: 'C’est déjà terminé.', again: (times) => `C’est arrivé ${times} fois.`, more: (count) => `et ${count} de plus`,
  many: (count, subject) => `${subject} : ${count} alarmes`, assigned: (who, subject) => `${who} vous a confié une alarme : ${subject}`,
  kinds: {
    lockout: {
      subject: 'Clavier bloqué', todo: 'Le déverrouillage à distance fonctionne encore. Vous pouvez lever le blocage sur la page En direct, avec un motif :',
      what: (told) => told.details['resting'] === true
        ? `${told.place} : en 24 heures, le clavier a vu autant de codes faux que la sécurité le permet. Il se repose ${lockoutMinutes(told)} min.`
        : told.details['source'] === 'controller' ? `${told.place} : trop de codes faux ont été saisis sans connexion. Le clavier est bloqué ${lockoutMinutes(told)} min.`
          : `${told.place} : ${readerPolicy.triesInARow} codes faux de suite ont été saisis. Le clavier est bloqué ${lockoutMinutes(told)} min.`
    },
    forced: { subject: 'Porte forcée', what: ({ place }) => `${place} : ouverture alors que le pêne était verrouillé.`, todo: 'Quelqu’un devrait aller voir. Ce qui s’est passé avant est dans le registre :' },
    held: { subject: 'Porte ouverte trop longtemps', what: ({ place }) => `${place} : ouverte depuis plus longtemps que permis.`, todo: 'Quelqu’un devrait la fermer :' },
    jammed: { subject: 'Serrure coincée', what: ({ place }) => `${place} : le pêne n’a pas bougé.`, todo: 'Regardez si quelque chose le gêne, puis verrouillez ou déverrouillez encore une fois :' },
    tamper: {
      subject: 'Manipulation suspectée', todo: 'Examinez le contrôleur et ses câbles. Si vous ne trouvez pas d’explication, supprimez le contrôleur et associez-le à nouveau :',
      what: ({ place, details }) => details['event'] === 'controller.duplicated' ? `Deux appareils disent être ${place}.` : details['event'] === 'controller.wiped' ? `${place} : la mémoire a été effacée.`
        : details['event'] === 'access.unexplained' ? `${place} : ouverture par un code que personne n’a fait ici.` : `Des messages sont venus au nom de ${place} sans être de cet appareil.`
    },
    offLine: { subject: 'Hors ligne', what: ({ place }) => `${place} : hors ligne. Personne ne peut ouvrir à distance, et seuls les codes sans réseau ouvrent.`, todo: 'Vérifiez son courant et son réseau :' },
    battery: { subject: 'Batterie faible', what: ({ place, details }) => details['event'] === 'battery.critical' ? `${place} : la batterie est presque vide. Aucun nouveau code n’y est donné.` : `${place} : la batterie est faible.`, todo: 'Rechargez-la ou changez-la :' },
    gap: { subject: 'Événements manquants', what: ({ place }) => `${place} : ce qui a été enregistré a une lacune, ou ne concorde pas avec ce qui précède.`, todo: 'La mémoire était pleine, a été remplacée, ou quelqu’un est intervenu. Le registre dit de quels événements il s’agit :' },
    refused: { subject: 'Essais refusés', what: ({ place, times }) => `${place} : ${times} essais refusés.`, todo: 'Chacun figure avec son motif dans le registre :' },
    duress: { subject: 'Appel à l’aide', what: ({ place, details }) => `Quelqu’un agit sous la contrainte à ${place} : le second PIN de ${String(details['pin'] ?? '')} a été saisi. La porte se comporte comme toujours et ne montre rien.`, todo: 'Cherchez de l’aide. N’appelez pas sur place et n’y allez pas seul. Ne terminez l’alarme que lorsque tout le monde est en sécurité : elle figure alors au registre pour tous ceux qui travaillent ici.' }
  }
}
