import { factorVerbs } from '@oncekey/client'
import { client } from '../client.ts'

/** The calls about second factors: they come with the few pages that make them. */
export const factors = factorVerbs(client.call)
