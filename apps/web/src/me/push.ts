import { pushVerbs } from '@oncekey/client/push'
import { client } from '../client.ts'

const calls = pushVerbs(client.call)
export const pushed = { get: calls.get, remove: calls.remove }

/** Whether this browser can be asked for notifications at all: some can not, and none can without TLS but on this machine. */
export function canNotify (): boolean {
  return 'serviceWorker' in navigator && 'PushManager' in window && 'Notification' in window
}

/** Asks this browser for notifications and tells the server where it is reached. @returns null when somebody said no; throws what the browser or the server says */
export async function notifyHere (publicKey: string): Promise<Awaited<ReturnType<typeof calls.add>> | null> {
  if (await Notification.requestPermission() !== 'granted') return null
  await navigator.serviceWorker.register(new URL('push-worker.js', document.baseURI))
  const { pushManager } = await navigator.serviceWorker.ready
  // One for another key is of no use: the installation was set up anew.
  await (await pushManager.getSubscription())?.unsubscribe()
  const { endpoint = '', keys } = (await pushManager.subscribe({ userVisibleOnly: true, applicationServerKey: publicKey })).toJSON()
  return calls.add({ endpoint, keys: { p256dh: keys?.['p256dh'] ?? '', auth: keys?.['auth'] ?? '' } })
}
