import type {
  AccessPoint, AccessPointChange, Bank, BankForm, ChainState, ClaimForm, CommissioningAnswer, CommissioningForm, CompartmentsForm, Controller, DoorForm, Ended, GrantForm,
  GrantsAnswer, PersonAdded, PersonChange, PersonForm, RemoteForm, WitnessChange, WitnessState
} from '@oncekey/protocol/schemas'
import type { Call } from './http.ts'

/** Walking the chain of a large record takes minutes. */
const chainTimeoutMs = 600_000

/** What only the pages of operators and administrators ask for. */
export function operatorVerbs (call: Call) {
  const api = 'api/v1/'
  const at = (folder: string, id: string, rest = ''): string => api + folder + '/' + encodeURIComponent(id) + rest
  return {
    people: {
      add: (form: PersonForm) => call<PersonAdded>('POST', api + 'people', { body: form }),
      change: (id: string, form: PersonChange) => call<Ended>('PATCH', at('people', id), { body: form }),
      remove: (id: string) => call<Ended>('DELETE', at('people', id))
    },
    places: {
      addBank: (form: BankForm) => call<Bank>('POST', api + 'banks', { body: form }),
      addCompartments: (bankId: string, form: CompartmentsForm) => call<Bank>('POST', at('banks', bankId, '/compartments'), { body: form }),
      addDoor: (form: DoorForm) => call<AccessPoint>('POST', api + 'doors', { body: form }),
      renameAccessPoint: (id: string, form: AccessPointChange) => call<AccessPoint>('PATCH', at('access-points', id), { body: form }),
      removeAccessPoint: (id: string) => call('DELETE', at('access-points', id))
    },
    controllers: {
      claim: (form: ClaimForm) => call<Controller>('POST', api + 'controllers/claim', { body: form }),
      clearLockout: (id: string, form: RemoteForm) => call('POST', at('controllers', id, '/clear-lockout'), { body: form }),
      remove: (id: string) => call('DELETE', at('controllers', id)),
      /** What a controller itself says, again and again, until somebody claims it. */
      present: (form: CommissioningForm) => call<CommissioningAnswer>('POST', api + 'commissioning', { body: form })
    },
    grants: {
      give: (form: GrantForm) => call<GrantsAnswer>('POST', api + 'grants', { body: form }),
      end: (id: string) => call('DELETE', at('grants', id))
    },
    audit: {
      chain: () => call<ChainState>('GET', api + 'audit/chain', { timeoutMs: chainTimeoutMs }),
      witness: () => call<WitnessState>('GET', api + 'audit/witness'),
      changeWitness: (form: WitnessChange) => call<WitnessState>('PATCH', api + 'audit/witness', { body: form })
    }
  }
}
