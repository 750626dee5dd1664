import type { StandingOrderForm, StandingOrders } from '@oncekey/protocol/schemas'
import type { Call } from './http.ts'

/** Holds, lockdowns, evacuations: apart from the client, so that no other page carries it. */
export function standingOrderVerbs (call: Call) {
  const api = 'api/v1/standing-orders'
  return {
    list: () => call<StandingOrders>('GET', api),
    give: (form: StandingOrderForm) => call<StandingOrders>('POST', api, { body: form }),
    /** A lockdown or an evacuation as an administrator. */
    end: (id: string, reason: string) => call<StandingOrders>('POST', `${api}/${encodeURIComponent(id)}/end`, { body: { reason } })
  }
}
