import type {
  AccessPoint, AccessPointChange, AuditPage, AuditQuery, Bank, BankChange, BankForm, ChainState, ClaimForm, CommissioningAnswer, CommissioningForm, CompartmentsForm, Controller,
  CompatChange, CompatState, CompatTokenForm, CompatTokenMade, Diagnosis, DoorForm, DoorCodes, DoorMode, DoorModeForm, DoorRecipient, DoorRecipientForm, DoorRecipients, Ended, GrantForm, GrantsAnswer, Hardening, Live, OfflineCodesForm, PoliciesForm, PeopleAnswer, PeopleQuery, PersonAdded, PersonChange, PersonForm, RegistrationPolicy, RemoteAnswer, RemoteForm, ReplaceForm,
  OfflinePinsForm, PinForm, PinMade, PinsAnswer, Places, RetentionChange, RetentionPreview, RetentionQuery, RetentionState, Simulation, WitnessChange, WitnessState
} from '@oncekey/protocol/schemas'
import type { Call } from './http.ts'

type Filter = { personId?: string | undefined, accessPointId?: string | undefined }

/** Walking the chain of a large record takes minutes. */
const chainTimeoutMs = 600_000

/** What only the pages of operators and administrators ask for. */
export function operatorVerbs (call: Call) {
  const api = 'api/v1/'
  const at = (folder: string, id: string, rest = ''): string => api + folder + '/' + encodeURIComponent(id) + rest
  return {
    people: {
      /** A page; `after` is the `next` of the one before. */
      list: (query: PeopleQuery = {}) => call<PeopleAnswer>('GET', api + 'people', { query }),
      add: (form: PersonForm) => call<PersonAdded>('POST', api + 'people', { body: form }),
      change: (id: string, form: PersonChange) => call<Ended>('PATCH', at('people', id), { body: form }),
      remove: (id: string) => call<Ended>('DELETE', at('people', id))
    },
    places: {
      /** Without the controllers, each of which costs the server a look. */
      plan: () => call<Places>('GET', api + 'places', { query: { controllers: 'false' } }),
      addBank: (form: BankForm) => call<Bank>('POST', api + 'banks', { body: form }),
      renameBank: (id: string, form: BankChange) => call<Bank>('PATCH', at('banks', id), { body: form }),
      /** With its compartments. */
      removeBank: (id: string) => call('DELETE', at('banks', id)),
      addCompartments: (bankId: string, form: CompartmentsForm) => call<Bank>('POST', at('banks', bankId, '/compartments'), { body: form }),
      addDoor: (form: DoorForm) => call<AccessPoint>('POST', api + 'doors', { body: form }),
      renameAccessPoint: (id: string, form: AccessPointChange) => call<AccessPoint>('PATCH', at('access-points', id), { body: form }),
      removeAccessPoint: (id: string) => call('DELETE', at('access-points', id))
    },
    controllers: {
      get: (id: string) => call<Controller>('GET', at('controllers', id)),
      /** What a door without hardware needs; only on a demonstration site. */
      simulation: (id: string) => call<Simulation>('GET', at('controllers', id, '/simulation')),
      claim: (form: ClaimForm) => call<Controller>('POST', api + 'controllers/claim', { body: form }),
      /** Another box in its place, by the code on that one's display; all else stays. */
      replace: (id: string, form: ReplaceForm) => call<Controller>('POST', at('controllers', id, '/replace'), { body: form }),
      clearLockout: (id: string, form: RemoteForm) => call('POST', at('controllers', id, '/clear-lockout'), { body: form }),
      /** Whether it checks codes without a network. */
      offlineCodes: (id: string, form: OfflineCodesForm) => call('PATCH', at('controllers', id, '/offline-codes'), { body: form }),
      /** Whether it takes known pins without a network. */
      offlinePins: (id: string, form: OfflinePinsForm) => call('PATCH', at('controllers', id, '/offline-pins'), { body: form }),
      /** What it does about its doors and its battery. */
      policies: (id: string, form: PoliciesForm) => call('PATCH', at('controllers', id, '/policies'), { body: form }),
      remove: (id: string) => call('DELETE', at('controllers', id)),
      /** What a controller itself says, again and again, until somebody claims it. */
      present: (form: CommissioningForm) => call<CommissioningAnswer>('POST', api + 'commissioning', { body: form })
    },
    grants: {
      list: (query: Filter = {}) => call<GrantsAnswer>('GET', api + 'grants', { query }),
      give: (form: GrantForm) => call<GrantsAnswer>('POST', api + 'grants', { body: form }),
      end: (id: string) => call('DELETE', at('grants', id))
    },
    audit: {
      page: (query: AuditQuery = {}) => call<AuditPage>('GET', api + 'audit', { query }),
      chain: () => call<ChainState>('GET', api + 'audit/chain', { timeoutMs: chainTimeoutMs }),
      retention: () => call<RetentionState>('GET', api + 'audit/retention'),
      previewRetention: (query: RetentionQuery) => call<RetentionPreview>('GET', api + 'audit/retention/preview', { query }),
      changeRetention: (form: RetentionChange) => call<RetentionState>('PATCH', api + 'audit/retention', { body: form }),
      witness: () => call<WitnessState>('GET', api + 'audit/witness'),
      changeWitness: (form: WitnessChange) => call<WitnessState>('PATCH', api + 'audit/witness', { body: form })
    },
    accessPoints: {
      unlock: (id: string, form: RemoteForm) => call<RemoteAnswer>('POST', at('access-points', id, '/unlock'), { body: form }),
      lock: (id: string, form: RemoteForm) => call<RemoteAnswer>('POST', at('access-points', id, '/lock'), { body: form })
    },
    doors: {
      /** Who is sent the codes that are asked for at a door. */
      recipients: (id: string) => call<DoorRecipients>('GET', at('access-points', id, '/recipients')),
      addRecipient: (id: string, form: DoorRecipientForm) => call<DoorRecipient>('POST', at('access-points', id, '/recipients'), { body: form }),
      removeRecipient: (recipientId: string) => call('DELETE', at('door-recipients', recipientId)),
      pins: (id: string) => call<PinsAnswer>('GET', at('access-points', id, '/pins')),
      makePin: (id: string, form: PinForm) => call<PinMade>('POST', at('access-points', id, '/pins'), { body: form }),
      revokePin: (pinId: string) => call('DELETE', at('pins', pinId)),
      mode: (id: string) => call<DoorMode>('GET', at('access-points', id, '/door-mode')),
      changeMode: (id: string, form: DoorModeForm) => call<DoorMode>('PATCH', at('access-points', id, '/door-mode'), { body: form }),
      /** Live codes and waiting requests; of one door also those of the last hour. */
      codes: (accessPointId?: string) => call<DoorCodes>('GET', api + 'door-codes', { query: { accessPointId } }),
      decide: (codeId: string, approve: boolean) => call('POST', at('door-codes', codeId, '/decision'), { body: { approve } }),
      cancelCode: (codeId: string) => call('DELETE', at('door-codes', codeId))
    },
    compat: {
      get: () => call<CompatState>('GET', api + 'compat'),
      /** Lets old programs in, or none of them. */
      change: (form: CompatChange) => call<CompatState>('PATCH', api + 'compat', { body: form }),
      /** The answer carries the token, once. */
      makeToken: (form: CompatTokenForm) => call<CompatTokenMade>('POST', api + 'compat/tokens', { body: form }),
      revokeToken: (id: string) => call('DELETE', at('compat/tokens', id))
    },
    diagnostics: {
      /** How every part is, the worst first. */
      get: () => call<Diagnosis>('GET', api + 'diagnostics'),
      /** What would make this installation safer, the heaviest first. */
      hardening: () => call<Hardening>('GET', api + 'diagnostics/hardening')
    },
    live: {
      get: () => call<Live>('GET', api + 'live'),
      /** What only the server can count, without a state. */
      numbers: () => call<Live>('GET', api + 'live', { query: { states: 'false' } })
    },
    registration: {
      setPolicy: (policy: RegistrationPolicy) => call<RegistrationPolicy>('PATCH', api + 'registration-policy', { body: policy })
    }
  }
}
