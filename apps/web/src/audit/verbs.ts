import { recordVerbs } from '@oncekey/client/record'
import { client } from '../client.ts'

/** What only the record's page asks for. */
export const record = recordVerbs(client.call, new URL('.', document.baseURI).href)
