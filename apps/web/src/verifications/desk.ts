import { guardVerbs } from '@oncekey/client'
import { client } from '../client.ts'

/** What only this page asks for. */
export const desk = guardVerbs(client.call)
