/** Every page of the app, one line each. A page is loaded when somebody goes there. */
import type { Component } from 'svelte'
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

export const routes: readonly Route[] = [
  { path: '/start', audience: 'anyone', texts: ['entrance', 'start'], load: () => import('./start/Start.svelte') },
  { path: '/sign-in', audience: 'anyone', texts: ['entrance'], load: () => import('./session/SignIn.svelte') },
  { path: '/sign-in/code', audience: 'anyone', texts: ['entrance'], load: () => import('./session/SignInByCode.svelte') },
  { path: '/sign-in/second', audience: 'anyone', texts: ['entrance'], load: () => import('./session/SecondFactor.svelte') },
  { path: '/register', audience: 'anyone', texts: ['entrance'], load: () => import('./registration/Register.svelte') },
  { path: '/recover', audience: 'anyone', texts: ['entrance'], load: () => import('./recovery/Recover.svelte') },
  { path: '/invitation/:token', audience: 'anyone', texts: ['entrance'], load: () => import('./session/Invitation.svelte') },
  { path: '/contact', audience: 'anyone', texts: ['entrance'], load: () => import('./contact/Contact.svelte') },
  { path: '/access', audience: 'signedIn', texts: ['access'], load: () => import('./access/Access.svelte') },
  { path: '/inbox', audience: 'signedIn', texts: ['inbox'], load: () => import('./inbox/Inbox.svelte') },
  { path: '/me', audience: 'signedIn', texts: ['me'], load: () => import('./me/Me.svelte') },
  { path: '/me/:part', audience: 'signedIn', texts: ['me', 'entrance', 'record', 'access'], load: () => import('./me/Part.svelte') },
  { path: '/live', audience: 'operators', texts: ['operator', 'record', 'access'], load: () => import('./live/Live.svelte') },
  { path: '/people', audience: 'operators', texts: ['operator', 'record', 'access', 'me', 'entrance'], load: () => import('./people/People.svelte') },
  { path: '/places', audience: 'operators', texts: ['operator', 'record', 'access'], load: () => import('./places/Places.svelte') },
  { path: '/audit', audience: 'operators', texts: ['operator', 'record', 'access'], load: () => import('./audit/Audit.svelte') }
]
