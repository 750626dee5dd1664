import { desk as deskOf } from '@oncekey/client/desk'

/** What only these pages ask for. Relative, like the client. */
export const desk = deskOf()
