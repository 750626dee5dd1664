import { explainVerbs } from '@oncekey/client'
import { client } from '../client.ts'

/** What only these parts ask for. */
export const explain = explainVerbs(client.call)
