import { request as requestTls } from 'node:https'
import { isIP } from 'node:net'
import { request as requestPlain } from '../platform/node-http.ts'
import { faultOf, judgedLookup, STOPPED, type PosterOptions } from '../webhooks/post.ts'
import { hostOf, targetsIn } from '../webhooks/targets.ts'

/** Where a camera is asked, and as whom. `user` is empty where it asks nobody. */
export type CameraAddress = { url: string, user: string, password: string }
/** What it answered: a picture, or why there is none, in a word that holds nothing of the camera's making. */
export type Snapshot = { type: PictureType, bytes: Buffer } | { fault: string }
export type PictureType = 'image/jpeg' | 'image/png'
/** Asks for one picture and resolves within the time that it has, whatever the other side does; at once, with the fault STOPPED, when the signal says so. */
export type Snap = (at: CameraAddress, signal?: AbortSignal) => Promise<Snapshot>

/** Five megapixels as cameras send them have less. */
export const MOST_BYTES = 1_048_576
const TIMEOUT_MS = 5_000

/**
 * Pictures by HTTP. Addresses are judged as those of webhooks are: inside one's own networks only where the operator of the
 * machine named them, redirects lead nowhere. What comes is a picture by its first bytes, or nothing: so whoever may set up
 * a camera reads no other answer by it.
 */
export function httpCamera ({ networks = [], timeoutMs = TIMEOUT_MS, lookup, ca }: PosterOptions = {}): Snap {
  const targets = targetsIn(networks)
  return ({ url: text, user, password }, signal) => {
    const refusal = targets.refusalOf(text)
    if (refusal !== null) return Promise.resolve({ fault: refusal })
    if (signal?.aborted === true) return Promise.resolve({ fault: STOPPED })
    const url = new URL(text)
    return new Promise((resolve) => {
      const request = (url.protocol === 'https:' ? requestTls : requestPlain)({
        protocol: url.protocol, host: hostOf(url), port: url.port, path: url.pathname + url.search, method: 'GET', lookup: judgedLookup(targets, url.protocol, lookup),
        agent: false, headers: { accept: 'image/jpeg, image/png', connection: 'close', ...user !== '' && { authorization: `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}` } }, ...ca !== undefined && { ca }
      })
      const end = (snapshot: Snapshot): void => {
        clearTimeout(timer)
        signal?.removeEventListener('abort', giveUp)
        resolve(snapshot)
        request.destroy()
      }
      const giveUp = (): void => { end({ fault: STOPPED }) }
      const timer = setTimeout(() => { end({ fault: 'timeout' }) }, timeoutMs)
      signal?.addEventListener('abort', giveUp)
      request.on('response', (answer) => {
        const { statusCode = 0, headers } = answer
        if (statusCode !== 200) return end({ fault: `http${statusCode}` })
        // Films never end.
        if (headers['content-type']?.startsWith('multipart/') === true) return end({ fault: 'film' })
        const parts: Buffer[] = []
        let size = 0
        answer.on('data', (part: Buffer) => {
          size += part.length
          if (size > MOST_BYTES) end({ fault: 'tooLarge' })
          else parts.push(part)
        })
        answer.on('end', () => {
          const bytes = Buffer.concat(parts)
          const type = pictureTypeOf(bytes)
          end(type === null ? { fault: 'noPicture' } : { type, bytes })
        })
        answer.on('error', (error) => { end({ fault: faultOf(error) }) })
      })
      request.on('error', (error) => { end({ fault: faultOf(error) }) })
      request.on('socket', (socket) => {
        socket.on('connect', () => {
          const { remoteAddress = '' } = socket
          if (isIP(remoteAddress) === 0 || !targets.admits(remoteAddress, url.protocol)) end({ fault: 'addressRefused' })
        })
      })
      request.end()
    })
  }
}

/** By how JPEG (ITU-T T.81, B.1.1.3) and PNG (W3C PNG, 5.2) begin; null: it is neither. */
export function pictureTypeOf (bytes: Uint8Array): PictureType | null {
  const begins = (...start: number[]): boolean => start.every((byte, i) => bytes[i] === byte)
  return begins(0xff, 0xd8, 0xff) ? 'image/jpeg' : begins(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a) ? 'image/png' : null
}
