import { settingVerbs } from '@oncekey/client/settings'
import { client } from '../client.ts'

/** What only this page asks for. */
export const settings = settingVerbs(client.call)
