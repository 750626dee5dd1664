// A process of its own for everything that has models in it, or reads pictures from strangers: it may die, be slow, or be
// large, and doors are served meanwhile. See pool.ts.
import { embeddingOf, faceOf, livenessOf, see } from '@oncekey/vision'
import { openModels } from './engine.ts'
import { openUnpacker, PictureError } from './pictures.ts'
import type { Job, Reply } from './jobs.ts'

const [folder = ''] = process.argv.slice(2)
const opened = Promise.all([openModels(folder), openUnpacker(folder)])
// Whoever started it is gone.
process.once('disconnect', () => { process.exit() })
process.on('message', (job: Job) => { void answer(job) })

async function answer (job: Job): Promise<void> {
  const reply = await carryOut(job).catch((error: unknown): Reply => error instanceof PictureError ? { id: job.id, is: 'unreadable', why: error.message } : { id: job.id, is: 'failed', why: String(error) })
  process.send?.(reply)
}

async function carryOut (job: Job): Promise<Reply> {
  const [models, unpack] = await opened
  const { id } = job
  switch (job.do) {
    case 'see': {
      const image = await unpack(job.bytes)
      return { id, is: 'seen', seen: await see(models, image, job.at, job.before) }
    }
    case 'know': {
      const embeddings: Float32Array[] = []
      const alive: number[] = []
      for (const { bytes, face } of job.frames) {
        const image = await unpack(bytes)
        embeddings.push(await embeddingOf(models, image, face))
        alive.push(await livenessOf(models, image, face))
      }
      return { id, is: 'known', kept: { embeddings, alive } }
    }
    case 'photo': {
      const image = await unpack(job.bytes)
      const face = await faceOf(models, image, job.near)
      return { id, is: 'photo', embedding: face === null ? null : await embeddingOf(models, image, face) }
    }
  }
}
