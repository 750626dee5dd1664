/** Every page of the app, one line each. A page is loaded when somebody goes there. */
import type { Component } from 'svelte'
import type { pages } from './more-pages.ts'
import type { Part } from './texts/texts.svelte.ts'

/** Who may see a page: anyone, whoever is signed in, or operators, administrators and owners. */
export type Audience = 'anyone' | 'signedIn' | 'operators'

export type Route = {
  path: string
  audience: Audience
  /** Catalogues beside the common one. */
  texts?: readonly Part[]
  /** Pages get the named parts of their path as properties. */
  // Each page has properties of its own; the router only passes the strings of the path.
  load: () => Promise<{ default: Component<any> }> // oxlint-disable-line typescript/no-explicit-any
}

/** Chunks of these are named in one of their own: what holders load on bad networks does not grow with the pages of those who work here. */
const later = (path: keyof typeof pages): Route['load'] => () => import('./more-pages.ts').then<Awaited<ReturnType<Route['load']>>>(each => each.pages[path]())

/** A page of those who work here; it has the rail, and words of its own. */
const operators = (path: keyof typeof pages, ...texts: Part[]): Route => ({ path, audience: 'operators', texts: ['rail', ...texts], load: later(path) })

export const routes: readonly Route[] = [
  { path: '/start', audience: 'anyone', texts: ['entrance', 'start'], load: later('/start') },
  { path: '/sign-in', audience: 'anyone', texts: ['entrance'], load: () => import('./session/SignIn.svelte') },
  { path: '/sign-in/code', audience: 'anyone', texts: ['entrance'], load: () => import('./session/SignInByCode.svelte') },
  { path: '/sign-in/second', audience: 'anyone', texts: ['entrance'], load: () => import('./session/SecondFactor.svelte') },
  { path: '/register', audience: 'anyone', texts: ['entrance'], load: () => import('./registration/Register.svelte') },
  { path: '/recover', audience: 'anyone', texts: ['entrance'], load: () => import('./recovery/Recover.svelte') },
  { path: '/invitation/:token', audience: 'anyone', texts: ['entrance'], load: () => import('./session/Invitation.svelte') },
  { path: '/contact', audience: 'anyone', texts: ['entrance'], load: later('/contact') },
  { path: '/contact/:token', audience: 'anyone', texts: ['entrance', 'questions'], load: later('/contact/:token') },
  { path: '/try', audience: 'anyone', texts: ['entrance', 'start'], load: later('/try') },
  { path: '/access', audience: 'signedIn', texts: ['access'], load: () => import('./access/Access.svelte') },
  { path: '/at/:id', audience: 'signedIn', texts: ['access'], load: later('/at/:id') },
  { path: '/inbox', audience: 'signedIn', texts: ['inbox'], load: () => import('./inbox/Inbox.svelte') },
  { path: '/me', audience: 'signedIn', texts: ['me'], load: () => import('./me/Me.svelte') },
  { path: '/me/:part', audience: 'signedIn', texts: ['me', 'entrance', 'record', 'access', 'push'], load: later('/me/:part') },
  operators('/live', 'watch', 'operator', 'record', 'access'),
  operators('/alerts', 'alarms', 'operator', 'record', 'access'),
  operators('/people', 'operator', 'record', 'access', 'me', 'entrance'),
  operators('/places', 'places', 'operator', 'record', 'access'),
  operators('/audit', 'operator', 'record', 'access'),
  operators('/audit/backups', 'backups', 'operator', 'access'),
  operators('/insights', 'insights', 'record'),
  operators('/settings', 'settings'),
  operators('/retention', 'retention'),
  operators('/questions', 'questions'),
  operators('/verifications', 'verifications'),
  operators('/developers', 'developers', 'operator', 'access'),
  operators('/developers/:part', 'developers', 'operator', 'access')
]
