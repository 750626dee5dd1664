import { updateVerbs } from '@oncekey/client/updates'
import { client } from '../client.ts'

/** What only this page asks for. */
export const updates = updateVerbs(client.call)
