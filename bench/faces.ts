/**
 * `node bench/faces.ts`: what faces cost. How long a worker looks at a frame, what a challenge of 40 frames takes of a core, how
 * much memory it has; and how much slower a keypad becomes while two challenges run, in turns with none. Brings models first.
 */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { installedFaces, openModels, openPlayers, openPool, type FacePool } from '@oncekey/server/testing/faces'
import { asJpeg } from '@oncekey/server/testing/photos'
import type { Seen } from '@oncekey/vision'
import { randomFrom, somebody } from '@oncekey/vision/clips'
import { figure, quantile } from './figures.ts'
import { openSide, prepare } from './side.ts'

/** Of one challenge: what a browser would send, and how many of its frames are kept for its end. */
const FRAMES = 40
const KEPT = 7
const CHALLENGES = 8
/** Entries with two challenges beside them, and as many without. */
const ENTRIES = 30
/** A bolt moves at most six times a minute, and there are a dozen. */
const PAUSE_MS = 2_400
const FRAME_MS = 110
const TICKS_A_SECOND = 100

const folder = await installedFaces()
const frames = await film()
const pool = openPool(folder, { workers: 1 })
try {
  await challenges()
  await keypads()
} finally {
  await pool.close()
}

/** Somebody at work before a camera, as JPEGs of 640 x 480. */
async function film (): Promise<Buffer[]> {
  const [player] = await openPlayers(folder, await openModels(folder))
  if (player === undefined) throw new Error('Nobody in the sample photos can be played.')
  const actor = somebody(player.posed, randomFrom(1))
  actor.hear({ do: 'turn', to: 'left' }, 500)
  actor.hear({ do: 'blink', times: 2 }, 2500)
  return Promise.all(Array.from({ length: FRAMES }, (_, i) => asJpeg(actor.show(i * FRAME_MS))))
}

async function challenges (): Promise<void> {
  const [looks, cpu]: [number[], number[]] = [[], []]
  for (let i = 0; i <= CHALLENGES; i++) {
    const before = cpuMs(pool)
    const times: number[] = []
    await challenge(pool, (ms) => { times.push(ms) })
    // The first one loads the models.
    if (i === 0) continue
    looks.push(...times)
    cpu.push(cpuMs(pool) - before)
  }
  console.log(`a frame: p50 ${quantile(looks, 0.5).toFixed(1)} ms, p95 ${quantile(looks, 0.95).toFixed(1)} ms (ceiling 40), of ${looks.length}`)
  console.log(`a challenge of ${FRAMES} frames, ${KEPT} of them compared: ${quantile(cpu, 0.5).toFixed(0)} ms of a core (ceiling 1,500), of ${cpu.length}`)
  console.log(`a worker: ${memory(pool).toFixed(0)} MB (ceiling 350)`)
}

async function challenge (pool: FacePool, tell: (ms: number) => void = () => {}, { isPaced = false, isOver = () => false }: { isPaced?: boolean, isOver?: () => boolean } = {}): Promise<void> {
  let before: Seen | null = null
  const kept = []
  for (const [i, bytes] of frames.entries()) {
    if (isOver()) return
    const began = performance.now()
    before = await pool.see(bytes, i, i % 2 === 1 && before?.fault === null ? before.face : null)
    tell(performance.now() - began)
    if (before.face !== null && i % 5 === 0 && kept.length < KEPT) kept.push({ bytes, face: before.face })
    if (isPaced) await sleep(Math.max(0, FRAME_MS - (performance.now() - began)))
  }
  await pool.know(kept)
}

/** A keypad, in turns with two challenges beside it and with none. */
async function keypads (): Promise<void> {
  const data = mkdtempSync(join(tmpdir(), 'oncekey-bench-'))
  try {
    await prepare(data)
    const side = await openSide(data, 0)
    try {
      const [busy, alone]: [number[], number[]] = [[], []]
      for (let i = 0; i < ENTRIES * 2; i++) {
        const isBusy = i % 2 === 0
        let isOver = false
        const running = isBusy ? [1, 2].map(async () => { while (!isOver) await challenge(pool, undefined, { isPaced: true, isOver: () => isOver }) }) : []
        if (isBusy) await sleep(300)
        await side.turn(i)
        isOver = true
        await Promise.all(running)
        await sleep(PAUSE_MS)
        const [last = 0] = side.times.entry.slice(-1)
        if (i >= 8) (isBusy ? busy : alone).push(last)
      }
      const found = figure('keypad entry while two challenges run', 'ms', 'without', busy, alone)
      console.log(JSON.stringify(found))
      console.log(`${found.name}: p50 ${found.ours} ms, ${found.ratio.toFixed(2)} x without (${found.peer} ms; ceiling 1.2)`)
    } finally {
      await side.close()
    }
  } finally {
    rmSync(data, { recursive: true, force: true })
  }
}

/** Of all its processes, since they began (proc(5), stat: utime and stime). */
function cpuMs (pool: FacePool): number {
  return pool.pids().reduce((sum, pid) => {
    const words = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? []
    return sum + (Number(words[11]) + Number(words[12])) * 1000 / TICKS_A_SECOND
  }, 0)
}

function memory (pool: FacePool): number {
  return Math.max(...pool.pids().map((pid) => Number(/VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) / 1000))
}
