import { isId } from '@oncekey/protocol/topics'
import type { House } from '../house.ts'
import { isPassword, lineTo } from './links.ts'

/** Whether this is the broker password of that controller of ours. */
export async function controllerPassword (house: House, client: string, password: string): Promise<boolean> {
  if (!isId(client)) return false
  const line = await lineTo(house, client)
  return line !== null && isPassword(line, password)
}
