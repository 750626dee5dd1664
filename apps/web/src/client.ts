import { createPageClient } from '@oncekey/client'
import { language } from './texts/texts.svelte.ts'

/** Asks who it is, in a dialog. */
export const prove = (): Promise<boolean> => import('./session/prove.ts').then(each => each.prove())

/** The one client of this page. Relative, so it follows the page's base path. Who is asked again who they are answers in a dialog. */
export const client = createPageClient({ prove, language })
