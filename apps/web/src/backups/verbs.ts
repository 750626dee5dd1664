import { backupVerbs } from '@oncekey/client/backups'
import { client } from '../client.ts'

/** What only this page asks for. */
export const backups = backupVerbs(client.call, new URL('.', document.baseURI).href)
