import { mineVerbs } from '@oncekey/client'
import { client } from '../client.ts'

/** What only the pages behind Me ask for. */
export const mine = mineVerbs(client.call)
