import { alarmVerbs } from '@oncekey/client/alarms'
import { client } from '../client.ts'

/** What only this page asks for. */
export const alarms = alarmVerbs(client.call)
