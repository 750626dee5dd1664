import { desk as deskOf } from '@oncekey/client/desk'
import { prove } from '../client.ts'
import { language } from '../texts/texts.svelte.ts'

/** What only these pages ask for. Relative, like the client. */
export const desk = deskOf({ prove, language })
