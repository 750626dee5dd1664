/** Pages that nobody opens on a bad network in front of a door, by their paths; see routes.ts. */
export const pages = {
  '/contact/:token': () => import('./contact/LinkedQuestion.svelte'),
  '/contact': () => import('./contact/Contact.svelte'),
  '/start': () => import('./start/Start.svelte'),
  '/try': () => import('./try/Try.svelte'),
  '/at/:id': () => import('./access/AtPoint.svelte'),
  '/me/:part': () => import('./me/Part.svelte'),
  '/live': () => import('./live/Live.svelte'),
  '/alerts': () => import('./alarms/Alarms.svelte'),
  '/people': () => import('./people/People.svelte'),
  '/places': () => import('./places/Places.svelte'),
  '/audit': () => import('./audit/Audit.svelte'),
  '/audit/backups': () => import('./backups/Backups.svelte'),
  '/retention': () => import('./retention/Retention.svelte'),
  '/insights': () => import('./insights/InsightsPage.svelte'),
  '/settings': () => import('./settings/Settings.svelte'),
  '/questions': () => import('./questions/Questions.svelte'),
  '/verifications': () => import('./verifications/Verifications.svelte'),
  '/developers': () => import('./developers/Developers.svelte'),
  '/developers/:part': () => import('./developers/Developers.svelte')
}
