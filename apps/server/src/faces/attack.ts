import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { analysePhoto, embeddingOf, type Embedding, type Models } from '@oncekey/vision'
import { attack, attacks, attempt, pose, randomFrom, rehearse, seat, somebody, type Attack, type Posed } from '@oncekey/vision/clips'
import { openUnpacker } from './pictures.ts'

/** Somebody who can be played, and what their face is compared by. */
export type Player = { posed: Posed, template: Embedding }

/** How many of a kind there were, and how many were let through. `why`: how often the others were refused for what. */
export type Tried = { n: number, accepted: number, why: Record<string, number> }
export type AttackReport = { seed: number, kinds: ({ kind: Attack } & Tried)[], bonaFide: Tried }

const SAMPLES = 6

/** Those in the sample photos of an installation who can be played. */
export async function openPlayers (folder: string, models: Models): Promise<Player[]> {
  const unpack = await openUnpacker(folder)
  const players: Player[] = []
  for (let i = 1; i <= SAMPLES; i++) {
    const photo = await unpack(readFileSync(join(folder, `samples/sample${i}.jpg`)))
    for (const face of await analysePhoto(models, photo)) {
      const posed = pose(seat(photo, face, face.landmarks))
      if (await rehearse(models, posed)) players.push({ posed, template: await embeddingOf(models, photo, face) })
    }
  }
  return players
}

/**
 * Attacks the whole challenge, `each` times by each kind, and lets people pass it as often.
 * @param seed the same seed, the same clips
 */
export async function attackAll (models: Models, players: readonly Player[], { each, seed, kinds = attacks, tell = () => {} }: { each: number, seed: number, kinds?: readonly Attack[], tell?: (done: number, of: number, what: string) => void }): Promise<AttackReport> {
  const of = (kinds.length + 1) * each
  let done = 0
  const tryAll = async (what: Attack | null): Promise<Tried> => {
    const tried: Tried = { n: 0, accepted: 0, why: {} }
    for (let i = 0; i < each; i++) {
      const player = players[i % players.length]
      if (player === undefined) throw new Error('Nobody in the sample photos can be played. Install them again: "oncekey faces install".')
      const random = randomFrom(seed + i * 1009 + (what === null ? 0 : 1 + attacks.indexOf(what)) * 7919)
      const { is, why } = await attempt(models, what === null ? somebody(player.posed, random) : attack(what, player.posed, random), player.template, random)
      tried.n++
      if (is === 'accepted') tried.accepted++
      else tried.why[why] = (tried.why[why] ?? 0) + 1
      tell(++done, of, what ?? 'people')
    }
    return tried
  }
  const tried: AttackReport['kinds'] = []
  for (const kind of kinds) tried.push({ kind, ...await tryAll(kind) })
  return { seed, kinds: tried, bonaFide: await tryAll(null) }
}
