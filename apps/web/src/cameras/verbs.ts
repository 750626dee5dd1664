import { cameraVerbs } from '@oncekey/client/cameras'
import { client } from '../client.ts'

/** What only pages with cameras ask for. */
export const cameras = cameraVerbs(client.call, new URL('.', document.baseURI).href)
