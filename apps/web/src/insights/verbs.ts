import { insightVerbs } from '@oncekey/client/insights'
import { client } from '../client.ts'

/** What only this page asks for. */
export const insights = insightVerbs(client.call, new URL('.', document.baseURI).href)
