import { contactVerbs, conversationVerbs } from '@oncekey/client/support'
import { client } from '../client.ts'
import { entrance } from '../session/captcha.svelte.ts'

/** What operators do with questions. */
export const questions = conversationVerbs(client.call)
/** What people do who have some: without an account they work a little first. */
export const contact = contactVerbs(entrance.call)
