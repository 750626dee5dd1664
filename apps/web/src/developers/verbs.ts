import { developerVerbs } from '@oncekey/client/developers'
import { client } from '../client.ts'

/** What only these pages ask for. */
export const developers = developerVerbs(client.call)
