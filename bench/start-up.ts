import { spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { figure, type Figure } from './figures.ts'

const RUNS = 5
/** Time for lazy work and the first collections, before memory is read. */
const IDLE_MS = 5000

/** From the start of the process to the answered page, and resident memory when idle, against the bare libraries. */
export async function* startUp (): AsyncGenerator<Figure> {
  const folder = mkdtempSync(join(tmpdir(), 'oncekey-bench-'))
  const ours: Measured[] = []
  const bare: Measured[] = []
  try {
    for (let run = 0; run < RUNS; run++) {
      ours.push(await measure(['--max-semi-space-size=8', join(import.meta.dirname, '../apps/server/bin/oncekey.mjs'), 'start'], { ONCEKEY_DATA_DIR: folder, ONCEKEY_PORT: '0', ONCEKEY_MQTT_PORT: '0' }))
      bare.push(await measure(['--max-semi-space-size=8', join(import.meta.dirname, 'bare-server.mjs')], {}))
    }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
  const peer = 'Fastify and aedes alone'
  yield figure('start to first page', 'ms', peer, ours.map((one) => one.ms), bare.map((one) => one.ms))
  yield figure('idle memory (RSS)', 'MB', peer, ours.map((one) => one.megabytes), bare.map((one) => one.megabytes))
}

type Measured = { ms: number, megabytes: number }

async function measure (words: string[], env: Record<string, string>): Promise<Measured> {
  const begun = performance.now()
  const child = spawn(process.execPath, words, { env: { PATH: process.env['PATH'] ?? '', ...env }, stdio: ['ignore', 'pipe', 'ignore'] })
  try {
    const url = await new Promise<string>((resolve, reject) => {
      let text = ''
      child.stdout.on('data', (chunk) => {
        text += String(chunk)
        const found = /http:\/\/[\d.:]+/.exec(text)
        if (found !== null) resolve(found[0])
      })
      child.once('exit', (code) => { reject(new Error(`${words.join(' ')} ended with ${code}`)) })
    })
    const answer = await fetch(url, { headers: { accept: 'text/html' } })
    if (!answer.ok) throw new Error(`${url} answered ${answer.status}`)
    await answer.text()
    const ms = performance.now() - begun
    await sleep(IDLE_MS)
    const kilobytes = Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${child.pid}/status`, 'utf8'))?.[1])
    return { ms, megabytes: kilobytes / 1000 }
  } finally {
    child.kill()
  }
}
