import { randomBytes } from 'node:crypto'
import type { House } from '../house.ts'
import { ChannelError, type Channel } from '../notify/channel.ts'
import { STOPPED, type Poster } from '../webhooks/post.ts'
import { encryptPush, freshKey, MOST_BYTES } from './encrypt.ts'
import { reachOfBrowser } from './subscriptions.ts'
import { pushKey, vapidHeader } from './vapid.ts'

const LONGEST_MS = 15_000
/** A browser that was off for longer shows nothing of it: the page and the mail have it. */
const KEPT_S = 86_400
/** Gone for good: the browser was told to stop, or was set up anew (RFC 8030, 7.3). */
const gone = new Set([404, 410])

/** Notifications on their way out: encrypted for one browser, through the push service of its maker (RFC 8030). */
export function pushChannel (house: House, post: Poster): Channel {
  const stop = new AbortController()
  return {
    // A second one takes the place of the first by its tag, at the browser and, by its topic, on the way there.
    name: 'push', longestMs: LONGEST_MS, isIdempotent: true, hasReceipts: false,
    async send ({ id, to, subject, text }) {
      const reached = await reachOfBrowser(house, to.address)
      if (reached === null) throw new ChannelError('GONE', { isFinal: true, isUntaken: true })
      const more: object = JSON.parse(text)
      const body = encryptPush({ p256dh: Buffer.from(reached.p256dh, 'base64url'), auth: Buffer.from(reached.auth, 'base64url') }, payload({ title: subject, tag: id, ...more }), freshKey().privateKey, randomBytes(16))
      const { publicUrl } = house.config
      const headers = {
        'content-type': 'application/octet-stream', 'content-encoding': 'aes128gcm', ttl: String(timeToLive(more, house.clock())), urgency: 'high', topic: id.replaceAll('-', ''),
        authorization: vapidHeader(await pushKey(house), reached.endpoint, publicUrl?.startsWith('https:') === true ? publicUrl : 'mailto:oncekey@localhost', house.clock())
      }
      const posted = await post(reached.endpoint, headers, body, stop.signal)
      if ('fault' in posted) throw new ChannelError(posted.fault === STOPPED ? 'ECLOSED' : posted.fault.toUpperCase(), { isFinal: posted.fault === 'addressRefused', isUntaken: true })
      const { status } = posted
      if (status >= 200 && status < 300) return { providerId: null }
      if (gone.has(status)) await house.db.write(async (trx) => { await trx.prepare('DELETE FROM push_subscriptions WHERE id = ?').run(to.address) })
      throw new ChannelError('EPUSH', { status, isFinal: status < 500 && status !== 429, isUntaken: true })
    },
    close () { stop.abort() }
  }
}

/** How long the service keeps it: what can be answered for two minutes is not shown after five. */
function timeToLive (more: object, now: number): number {
  return 'until' in more && typeof more.until === 'number' ? Math.max(0, Math.ceil((more.until - now) / 1000)) : KEPT_S
}

/** As JSON, and never longer than a push service takes. */
function payload (message: { title: string, tag: string, body?: string }): Buffer {
  const whole = Buffer.from(JSON.stringify(message))
  if (whole.length <= MOST_BYTES) return whole
  const text = message.body ?? ''
  return Buffer.from(JSON.stringify({ ...message, body: text.slice(0, Math.max(0, Math.floor(text.length / 4))) }).slice(0, MOST_BYTES))
}
