/** How a new controller becomes somebody's: what it asks the server, and what the server answers. */
import { fromBase64url, base64url } from '@oncekey/otp/sha256'
import type { Identity } from '@oncekey/controller'
import type { Entropy } from './ports.ts'

/** A controller's identity as it is written down. */
export type IdentityFile = { siteId: string, controllerId: string, /** root key, 32 bytes as base64url */ key: string, locks: number }

/** `mqttPort`, `mqttsPort`: of the broker without and with TLS, 0 = none; `ca`: PEM of the only authority to trust there, null = those that are known to all. */
export type BrokerAt = { mqttPort: number, mqttsPort: number, ca: string | null }

export type Commissioned = IdentityFile & BrokerAt

export type ClaimAnswer = { claimed: false, retryAfterMs: number } | { claimed: true, siteId: string, controllerId: string } & BrokerAt

/** What is posted to `api/v1/commissioning`, as often as it takes. */
export type ClaimForm = { key: string, claimCode: string, hardware: string, firmware: string, locks: number }

/** Without letters that are taken for digits, so that it can be read from a display and typed. */
const claimLetters = '23456789ABCDEFGHJKLMNPQRSTUVWXYZ'

/** Ten characters out of 32: 50 bits, and every byte maps evenly. */
export function newClaimCode (entropy: Entropy): string {
  return Array.from(entropy(10), (byte) => claimLetters.charAt(byte & 31)).join('')
}

/** A fresh key and code. The key is what the controller is from now on: it is asked for with the same form until somebody claims it. */
export function newClaimForm (entropy: Entropy, about: { hardware: string, firmware: string, locks: number }): ClaimForm {
  return { key: base64url(entropy(32)), claimCode: newClaimCode(entropy), ...about }
}

/** The identity in it; null when the key is not 32 bytes. */
export function identityFrom (file: Pick<IdentityFile, 'siteId' | 'controllerId' | 'key'>): Identity | null {
  const rootKey = fromBase64url(file.key)
  if (rootKey === null || rootKey.length !== 32) return null
  return { site: file.siteId, controller: file.controllerId, rootKey }
}

/** Reads the server's answer; null when it is none. @param body parsed JSON */
export function claimAnswer (body: unknown, key: string): ClaimAnswer | null {
  const fields: { [name: string]: unknown } = Object(body)
  const { claimed, retryAfterMs, siteId, controllerId, mqttPort, mqttsPort = 0, ca = null } = fields
  if (claimed === false && typeof retryAfterMs === 'number') return { claimed, retryAfterMs }
  if (claimed !== true || typeof siteId !== 'string' || typeof controllerId !== 'string' || typeof mqttPort !== 'number' || typeof mqttsPort !== 'number' || (ca !== null && typeof ca !== 'string')) return null
  return identityFrom({ siteId, controllerId, key }) === null ? null : { claimed, siteId, controllerId, mqttPort, mqttsPort, ca }
}
