import { Type, type Static } from 'typebox'
import { findings, hardenings, type FindingCode, type HardeningCode } from '../findings.ts'
import { Id, Moment, words } from './common.ts'

const Facts = Type.Record(Type.String(), Type.Union([Type.String(), Type.Number()]))

/** What was found of one part. `cure` is null for what is ok; the sentences in other languages follow from code and facts. */
export const Finding = Type.Object({
  code: words<FindingCode>(...Object.keys(findings).filter((code): code is FindingCode => code in findings)), state: words('ok', 'warn', 'bad'),
  says: Type.String(), cure: Type.Union([Type.String(), Type.Null()]), facts: Facts,
  controllerId: Type.Optional(Id)
})
export type Finding = Static<typeof Finding>

/** What is known of a controller beyond what is wrong with it; null where nobody knows. */
export const ControllerFacts = Type.Object({
  id: Id, name: Type.String(), online: Type.Union([Type.Boolean(), Type.Null()]), lastSeen: Type.Union([Moment, Type.Null()]),
  clockErrorMs: Type.Union([Type.Integer(), Type.Null()]), clockTrust: Type.Union([Type.String(), Type.Null()]), firmware: Type.String(), hardware: Type.String(),
  reset: Type.Union([Type.String(), Type.Null()]), queued: Type.Union([Type.Integer(), Type.Null()]), keyVersion: Type.Integer(), assurance: words('high', 'low')
})
export type ControllerFacts = Static<typeof ControllerFacts>

/** GET /api/v1/diagnostics: the worst first. */
export const Diagnosis = Type.Object({ at: Moment, findings: Type.Array(Finding), controllers: Type.Array(ControllerFacts) })
export type Diagnosis = Static<typeof Diagnosis>

/** GET /api/v1/diagnostics/hardening: the heaviest first. */
export const Hardening = Type.Object({
  at: Moment,
  advice: Type.Array(Type.Object({
    code: words<HardeningCode>(...Object.keys(hardenings).filter((code): code is HardeningCode => code in hardenings)),
    weight: Type.Integer({ minimum: 1, maximum: 100 }), says: Type.String(), cure: Type.String(), facts: Facts
  }))
})
export type Hardening = Static<typeof Hardening>
