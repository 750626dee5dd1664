import { operatorVerbs } from '@oncekey/client'
import { client } from './client.ts'

/** What only the pages of operators and administrators ask for. */
export const operators = operatorVerbs(client.call)
