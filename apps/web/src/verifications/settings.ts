/** The guard's settings between the server's millionths and what people type. Pure. */
import type { GuardSettings } from '@oncekey/protocol/schemas'
import { channels } from './looks.ts'

export type CapFields = { messages: string, money: string, cost: string }
export type Fields = { countries: string, adaptive: boolean, currency: string, caps: Record<(typeof channels)[number], CapFields>, costs: string }
export type Fault = { field: string, is: 'country' | 'currency' | 'count' | 'money' | 'line' }

const million = 1_000_000
const mostMessages = 1_000_000_000
const mostMoney = 9_000_000

export function fieldsOf ({ countries, adaptive, currency, caps, costs }: GuardSettings): Fields {
  const money = (micros: number | null | undefined): string => micros === null || micros === undefined ? '' : String(micros / million)
  const capOf = (channel: (typeof channels)[number]): CapFields => {
    const cap = caps.find(each => each.channel === channel)
    return { messages: cap?.messages === null || cap === undefined ? '' : String(cap.messages), money: money(cap?.micros), cost: money(costs.find(each => each.channel === channel && each.country === null)?.micros) }
  }
  return {
    countries: countries.join(' '), adaptive, currency,
    caps: { sms: capOf('sms'), whatsapp: capOf('whatsapp'), voice: capOf('voice'), email: capOf('email') },
    costs: costs.filter(each => each.country !== null).map(each => `${each.channel} ${each.country} ${money(each.micros)}`).join('\n')
  }
}

/** What was typed, or each thing that is wrong with it by its field. */
export function settingsOf (fields: Fields): { settings: GuardSettings } | { faults: Fault[] } {
  const faults: Fault[] = []
  const countries = [...new Set(fields.countries.toUpperCase().split(/[\s,;]+/).filter(Boolean))]
  if (countries.some(each => !/^[A-Z]{2}$/.test(each))) faults.push({ field: 'countries', is: 'country' })
  const currency = fields.currency.trim().toUpperCase()
  if (!/^[A-Z]{3}$/.test(currency)) faults.push({ field: 'currency', is: 'currency' })
  const caps: GuardSettings['caps'] = []
  const costs: GuardSettings['costs'] = []
  for (const channel of channels) {
    const { messages, money, cost } = fields.caps[channel]
    const most = { messages: countIn(messages), micros: microsIn(money) }
    if (most.messages === undefined) faults.push({ field: `${channel}.messages`, is: 'count' })
    if (most.micros === undefined) faults.push({ field: `${channel}.money`, is: 'money' })
    if (most.messages !== undefined && most.micros !== undefined && (most.messages !== null || most.micros !== null)) caps.push({ channel, messages: most.messages, micros: most.micros })
    const micros = microsIn(cost)
    if (micros === undefined) faults.push({ field: `${channel}.cost`, is: 'money' })
    else if (micros !== null) costs.push({ channel, country: null, micros })
  }
  for (const line of fields.costs.split('\n').map(each => each.trim()).filter(Boolean)) {
    const [word = '', country = '', sum = '', ...more] = line.split(/\s+/)
    const channel = channels.find(each => each === word.toLowerCase())
    const micros = microsIn(sum)
    if (channel === undefined || !/^[A-Za-z]{2}$/.test(country) || micros === null || micros === undefined || more.length > 0) faults.push({ field: 'costs', is: 'line' })
    else costs.push({ channel, country: country.toUpperCase(), micros })
  }
  return faults.length > 0 ? { faults } : { settings: { countries, adaptive: fields.adaptive, currency, caps, costs } }
}

/** Null: nothing typed; undefined: no such number. */
function countIn (text: string): number | null | undefined {
  const typed = text.trim()
  if (typed === '') return null
  const count = Number(typed)
  return /^\d+$/.test(typed) && count <= mostMessages ? count : undefined
}

function microsIn (text: string): number | null | undefined {
  const typed = text.trim().replace(',', '.')
  if (typed === '') return null
  const sum = Number(typed)
  return /^\d+(\.\d{1,6})?$/.test(typed) && sum <= mostMoney ? Math.round(sum * million) : undefined
}
