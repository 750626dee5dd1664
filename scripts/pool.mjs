// Jobs of all parts in one queue, a few at once: a test that waits for a clock or a disk leaves its core to another one.
import { spawn } from 'node:child_process'
import { availableParallelism, cpus, getPriority, setPriority } from 'node:os'
import { join } from 'node:path'
import { run } from 'node:test'
import { follow, newTally } from './reporter.mjs'
import { root } from './steps.mjs'

/** Whoever ends the runner ends what it has started. */
const ending = new AbortController()
for (const signal of ['SIGINT', 'SIGTERM']) {
  process.once(signal, () => {
    ending.abort()
    process.exit(1)
  })
}

/**
 * A file of tests, in a process of its own.
 * @param {{ env?: Record<string, string>, ready?: () => Promise<boolean> }} [more] `ready` is waited for; false is a failure that said what it is
 */
export function testFile (name, more = {}) {
  return { name, work: () => tested(name, [join(root, name)], more) }
}

/** Files of tests without hooks, in one process: see together.mjs. */
export function testFilesTogether (names, more = {}) {
  const name = `${names.length} files from ${names[0]} on`
  return { name, work: () => tested(name, [join(root, 'scripts/together.mjs')], { ...more, argv: names }) }
}

async function tested (name, files, { env = {}, ready, argv = [] }) {
  const tally = newTally()
  if (ready !== undefined && !await ready()) return { printed: '', failures: [`${name}: what it needs is not there`], passed: 0, skipped: 0 }
  let printed = ''
  for await (const text of follow(run({ files, argv, env: { ...process.env, ...env }, cwd: root, signal: ending.signal }), tally)) printed += text
  return { printed, ...tally }
}

/** Of programs that reckon and wait for nothing: they have what the others leave. */
const BEHIND = 10

/**
 * A program that says itself what it found; it fails with its exit code.
 * @param {{ isPatient?: boolean }} [more] `isPatient`: no clock is asked in it, so it may take as long as it takes, behind all others
 */
export function command (name, args, { isPatient = false } = {}) {
  return {
    name,
    isPatient,
    work: () => new Promise((resolve) => {
      const child = spawn(process.execPath, args, { cwd: root, stdio: ['ignore', 'pipe', 'pipe'], signal: ending.signal })
      if (isPatient && child.pid !== undefined && getPriority() < BEHIND) setPriority(child.pid, BEHIND)
      let printed = ''
      for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (text) => { printed += text })
      child.once('error', (error) => { resolve({ printed, failures: [`${name}: ${error.message}`], passed: 0, skipped: 0 }) })
      child.once('close', (code, signal) => { resolve({ printed, failures: code === 0 ? [] : [`${name}: exit code ${code ?? signal}; what it printed is above`], passed: code === 0 ? 1 : 0, skipped: 0 }) })
    })
  }
}

/** How often it is looked whether there is room for one more. */
const LOOK_MS = 2_000

/**
 * Runs the jobs in their order, `atOnce` at a time, and tells of each when it has ended. While those leave a whole core
 * unused, e.g. because they wait for a lockout to end, one more begins, up to `more` of them. Those that are `isPatient` go
 * one after the other behind all that. Then come those that are `isAlone`, with nothing beside them. Every job runs, also
 * after one has failed.
 * @param {{ part: string, name: string, isAlone: boolean, isPatient?: boolean, work: () => Promise<object> }[]} jobs
 * @returns {Promise<boolean>} whether all went well
 */
export async function runPool (jobs, { atOnce, more }) {
  const begun = performance.now()
  const done = []
  const takeOne = async (queue) => {
    const job = queue.shift()
    if (job !== undefined) done.push({ ...job, ...await timed(job) })
  }
  const take = async (queue) => {
    while (queue.length > 0) await takeOne(queue)
  }
  const [alone, others] = [jobs.filter((one) => one.isAlone), jobs.filter((one) => !one.isAlone)]
  const [patient, together] = [others.filter((one) => one.isPatient), others.filter((one) => !one.isPatient)]
  const added = new Set()
  const free = freeCores()
  const timer = setInterval(() => {
    if (free() < 1 || added.size === more || together.length === 0) return
    const one = takeOne(together).finally(() => { added.delete(one) })
    added.add(one)
  }, LOOK_MS)
  await Promise.all([take(patient), ...Array.from({ length: atOnce }, async () => {
    await take(together)
    await take(patient)
  })])
  clearInterval(timer)
  await Promise.all(added)
  await take(alone)
  return summary(done, (performance.now() - begun) / 1000)
}

/**
 * Cores that nothing used since it was asked last; what runs behind us uses none.
 * 0 where we may have only some of the machine's cores, since then nobody tells.
 */
function freeCores () {
  if (cpus().length !== availableParallelism()) return () => 0
  const left = () => cpus().reduce((sum, { times }) => sum + times.idle + (getPriority() < BEHIND ? times.nice : 0), 0)
  let [leftMs, at] = [left(), performance.now()]
  return () => {
    const [leftBefore, before] = [leftMs, at]
    ;[leftMs, at] = [left(), performance.now()]
    return (leftMs - leftBefore) / (at - before)
  }
}

async function timed ({ part, name, work }) {
  const begun = performance.now()
  const result = await work().catch((error) => ({ printed: '', failures: [`${name}: ${error.stack}`], passed: 0, skipped: 0 }))
  const seconds = (performance.now() - begun) / 1000
  const isWell = result.failures.length === 0
  console.log(`${part.padEnd(9)} ${seconds.toFixed(1).padStart(6)} s  ${String(result.passed).padStart(4)} passed${isWell ? '' : `, ${result.failures.length} FAILED`}  ${name}`)
  if (result.printed !== '') console.log(result.printed.trimEnd())
  // At once, too: a run that is cut short is to have said what it knew.
  if (!isWell) console.log(`\n${result.failures.join('\n\n')}\n`)
  return { ...result, seconds }
}

/** Of a failure in the last lines, which are all that one sees of some logs: what failed, and the beginning of why. */
const SHORT = 500
const inShort = (failure) => failure.split('\n').map((line) => line.trim()).filter((line) => line !== '').join(' | ').slice(0, SHORT)

/** A line for each part, then every failure in full, last of all which they are, in short. */
function summary (done, wall) {
  const failed = done.filter((one) => one.failures.length > 0)
  console.log('')
  for (const [part, jobs] of Map.groupBy(done, (one) => one.part)) {
    const sum = (of) => jobs.reduce((total, one) => total + of(one), 0)
    const faults = sum((one) => one.failures.length)
    const skipped = sum((one) => one.skipped)
    console.log(`== ${part}: ${faults === 0 ? 'ok' : `${faults} FAILED`}, ${sum((one) => one.passed)} passed${skipped === 0 ? '' : `, ${skipped} skipped`} (${jobs.length} ${jobs.length === 1 ? 'job' : 'jobs'}, ${sum((one) => one.seconds).toFixed(0)} s of them)`)
  }
  for (const one of failed) console.log(`\n${one.failures.join('\n\n')}`)
  console.log('')
  for (const one of failed) for (const failure of one.failures) console.log(`FAILED: ${one.part}: ${inShort(failure)}`)
  console.log(`\n${failed.length === 0 ? 'All is well' : 'Not all is well'} after ${wall.toFixed(0)} s.`)
  return failed.length === 0
}
