import { networkOf } from '../platform/tries.ts'
import type { Level } from './purse.ts'

/** A message that somebody wants to send, as far as the guard looks at it. */
export type Send = {
  keyId: string
  channel: string
  /** Who it is, whatever the spelling: a hash. */
  recipientKey: string
  /** Null: mail. `country`: ISO 3166-1, null for numbers of no country; `type`: as the numbering plan says, null: it was looked at with an earlier message. */
  phone: { e164: string, country: string | null, type: string | null } | null
  /** Of whoever asked for the code, at the developer's page; null: the developer does not say. */
  ip: string | null
  /** Messages that this recipient was sent within the hour before, and typed nothing in since. */
  recent: number
  /** Where they were noted before: of another message of the same verification. */
  subjects?: readonly Subject[]
}

/** Something that has a purse. `name`: its row. */
export type Subject = { level: Level, name: string }

/** Everything that a message says something about, the finest first. */
export function subjectsOf ({ keyId, recipientKey, phone, ip, subjects }: Omit<Send, 'recent' | 'channel'>): readonly Subject[] {
  if (subjects !== undefined) return subjects
  const about: Subject[] = [{ level: 'recipient', name: `recipient ${recipientKey}` }, ...ip === null ? [] : networksOf(ip)]
  if (phone === null) return [...about, { level: 'mailKey', name: `mailKey ${keyId}` }]
  return [
    ...about, ...rangesOf(phone.e164),
    { level: 'country', name: `country ${phone.country ?? '-'}` }, { level: 'key', name: `key ${keyId}` }
  ]
}

/**
 * An address and its surroundings. One household has an IPv4 address, or a /64 of which it can take a new address for each
 * request; who rents machines has a /48 of those (RFC 6177), or some neighbours in a /24.
 */
export function networksOf (ip: string): Subject[] {
  const address = networkOf(ip)
  const wide = address.includes(':') ? address.split(':').slice(0, 3).join(':') + '::/48' : address.split('.').slice(0, 3).join('.') + '.0/24'
  return [{ level: 'address', name: `address ${address}` }, { level: 'network', name: `network ${wide}` }]
}

/** Operators hand numbers out, and share what calls to them earn, by the block: ten thousand neighbours, and a million of them. */
function rangesOf (e164: string): Subject[] {
  return [{ level: 'range', name: `range ${e164.slice(0, Math.max(5, e164.length - 4))}` }, { level: 'area', name: `area ${e164.slice(0, Math.max(4, e164.length - 6))}` }]
}

/** An address of a program's visitor that says something: not of a private network, where all visitors would be one. */
export function isPublicAddress (ip: string): boolean {
  const address = ip.toLowerCase().replace(/^::ffff:(?=\d+\.)/, '')
  return !/^(10\.|127\.|0\.|169\.254\.|192\.168\.|172\.(1[6-9]|2\d|3[01])\.|100\.(6[4-9]|[7-9]\d|1[01]\d|12[0-7])\.|::1?$|f[cd]|fe[89ab])/.test(address)
}
