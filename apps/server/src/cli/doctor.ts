import { parseArgs } from 'node:util'
import type { Diagnosis, Hardening, HealthReport } from '@oncekey/protocol/schemas'
import { readConfig, type Config } from '../config.ts'
import { askServer } from '../diagnostics/ask-server.ts'
import { examine } from '../diagnostics/examine.ts'
import { adviseOn } from '../diagnostics/hardening.ts'
import { installedAt } from '../diagnostics/inside.ts'
import type { Patient } from '../diagnostics/patient.ts'
import { NoDatabase, readDatabase } from '../platform/reading.ts'

const PATIENCE_MS = 8_000
const SERVER_MS = 4_000

/**
 * `oncekey doctor [--hardening] [--json] [--mail-to ADDRESS] [--wait SECONDS]`: looks at the installation of these settings, whether its server
 * runs or not, and changes nothing. A message is sent only to an address that is given.
 * @returns 0 when nothing is bad (with --hardening: nothing is left to do), 1 when something is, 2 when it could not be looked at
 */
export async function doctor (words: string[]): Promise<number> {
  try {
    const { values } = parseArgs({ args: words, options: { hardening: { type: 'boolean' }, json: { type: 'boolean' }, 'mail-to': { type: 'string' }, wait: { type: 'string' } } })
    const wait = values.wait === undefined ? PATIENCE_MS : Number(values.wait) * 1000
    if (!Number.isFinite(wait) || wait < 500 || wait > 600_000) throw new Error('--wait is a number of seconds for one part, 0.5 to 600.')
    const patient = { ...patientOf(readConfig(), wait), ...values['mail-to'] !== undefined && { mailTo: values['mail-to'] } }
    const answer = values.hardening === true ? await adviseOn(patient) : await examine(patient)
    console.log(values.json === true ? JSON.stringify(answer, null, 2) : 'advice' in answer ? adviceText(answer) : diagnosisText(answer))
    const isFine = 'advice' in answer ? answer.advice.length === 0 : answer.findings.every(({ state }) => state !== 'bad')
    // What hung is not waited for: a look-up of a name can not be called off.
    setTimeout(() => { process.exit(isFine ? 0 : 1) }, 200).unref()
    return isFine ? 0 : 1
  } catch (error) {
    console.error(error instanceof NoDatabase ? 'There is no database to look at. Start the server once, or name the folder by ONCEKEY_DATA_DIR.' : error instanceof Error ? error.message : String(error))
    return 2
  }
}

function patientOf (config: Config, patienceMs: number): Patient {
  let asked: Promise<{ url: string, health: HealthReport | null }> | null = null
  return {
    config, read: (work) => readDatabase(config, work), present: null, now: Date.now(), installedAt: installedAt(), patienceMs,
    server: () => asked ??= askServer(config, Math.min(SERVER_MS, patienceMs / 2)),
    ports: { mqtt: config.plainMqtt ? config.mqttPort : 0, mqtts: config.tls === 'off' ? 0 : config.mqttsPort, https: config.tls === 'off' ? 0 : config.httpsPort }
  }
}

const marks = { ok: 'ok  ', warn: 'warn', bad: 'BAD ' } as const

function diagnosisText ({ findings }: Diagnosis): string {
  const lines = findings.map(({ state, code, says, cure }) => `${marks[state]}  ${says}${cure === null ? '' : `\n      ${cure}`}  [${code}]`)
  const count = (state: keyof typeof marks): number => findings.filter((one) => one.state === state).length
  return `${lines.join('\n')}\n\n${count('bad')} bad, ${count('warn')} to look at, ${count('ok')} ok.`
}

function adviceText ({ advice }: Hardening): string {
  if (advice.length === 0) return 'Nothing is left to do that the doctor knows of.'
  return advice.map(({ weight, code, says, cure }) => `${String(weight).padStart(3)}  ${says}\n     ${cure}  [${code}]`).join('\n')
}
