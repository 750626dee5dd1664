import { standingOrderVerbs } from '@oncekey/client'
import { client } from '../client.ts'

/** What only this page asks for. */
export const orders = standingOrderVerbs(client.call)
