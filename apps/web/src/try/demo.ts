import { demoVerbs } from '@oncekey/client'
import { client } from '../client.ts'

/** What only this page asks for. */
export const demo = demoVerbs(client.call)
