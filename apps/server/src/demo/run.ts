import type { DemoRun, DemoVerdict, MessageLanguage, VerificationChannel } from '@oncekey/protocol/schemas'
import type { House } from '../house.ts'
import type { Trx } from '../platform/db.ts'
import { Problem } from '../platform/problems.ts'
import type { Addressee } from '../verifications/address.ts'
import { checkCode } from '../verifications/check.ts'
import { describeVerification } from '../verifications/find.ts'
import { resendCode, startVerification } from '../verifications/start.ts'
import { fetchMessage } from './inbox.ts'
import type { Visit } from './visitor.ts'

/** What the record says that it was for. */
const PURPOSE = 'demo'

type Order = { to: Addressee, channel: VerificationChannel, language: MessageLanguage | null, isReal: boolean, ip: string }

/**
 * Begins a demonstration: the verification that programs get, with its engine, budgets, templates and outbox. Unless it is sent
 * for real its message stays here, and it counts apart: a visitor uses up nothing of anybody else's, of the number's owner least.
 * @throws Problem notAllowed (for real, by who is no operator), and as `startVerification`
 */
export async function startDemo (trx: Trx, house: House, { to, channel, language, isReal, ip }: Order, { asker, isOperator }: Visit): Promise<DemoRun> {
  if (isReal && !isOperator) throw new Problem('notAllowed')
  const { id } = await startVerification(trx, house, { to, channels: [channel], purpose: PURPOSE, language, ...isReal ? { ip } : { staysHere: true, apart: `demo\n${asker.visitor}` } }, asker)
  return describeDemo(trx, house, id, { asker, isOperator })
}

/** How it stands; hands the message over when it is there. @throws Problem notFound for everybody but who began it */
export async function describeDemo (trx: Trx, house: House, id: string, { asker }: Visit): Promise<DemoRun> {
  // First whose it is, then what is in it.
  await describeVerification(trx, house, id, asker)
  const message = await fetchMessage(trx, house, id)
  const verification = await describeVerification(trx, house, id, asker)
  return { verification, message, isReal: verification.isTest !== true, now: house.clock() }
}

/** Before a write is asked for: whoever makes ids up is not to stand in the queue before those who have one. @throws Problem notFound for everybody but who began it */
export async function mustHaveBegun (house: House, id: string, { asker }: Visit): Promise<void> {
  if (await house.db.ask('SELECT 1 AS one FROM verifications WHERE id = ? AND visitor = ?').get(id, asker.visitor ?? '') === undefined) throw new Problem('notFound')
}

/** @throws Problem notFound, notAllowed (for real, by who is no operator any more), verificationEnded, coolingDown and as `startVerification` */
export async function resendDemo (trx: Trx, house: House, id: string, visit: Visit): Promise<DemoRun> {
  if (!visit.isOperator && (await describeVerification(trx, house, id, visit.asker)).isTest !== true) throw new Problem('notAllowed')
  await resendCode(trx, house, id, visit.asker)
  return describeDemo(trx, house, id, visit)
}

/** Only in a write that is alone, as `checkCode`. @throws Problem notFound */
export async function checkDemo (trx: Trx, house: House, id: string, code: string, visit: Visit): Promise<DemoVerdict> {
  const { status } = await checkCode(trx, house, id, code, visit.asker)
  return { isRight: status === 'approved', run: await describeDemo(trx, house, id, visit) }
}
