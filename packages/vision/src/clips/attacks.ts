import { flashEndsMs, FLASH_BEGINS_MS, FLASH_EACH_MS, lights } from '../flash.ts'
import type { Image } from '../image.ts'
import { drawPlan, type Action } from '../plan.ts'
import { held, litBy, noisy, onScreen, printed, type Hold } from './effects.ts'
import { somebody, type Performer } from './performer.ts'
import { render, still, type Model } from './posture.ts'

/**
 * Presentation attacks that are made, not filmed (ISO/IEC 30107-3 calls each a species). The first four are held before a
 * camera; `recorded`, `reordered` and `duplicated` are frames that a program sends in place of a camera.
 */
export const attacks = ['print', 'screen', 'replay', 'panned', 'recorded', 'reordered', 'duplicated'] as const
export type Attack = typeof attacks[number]

/** One attack of a kind, by whoever has pictures of a person, or a film of them. */
export function attack (kind: Attack, model: Model, random: () => number): Performer {
  switch (kind) {
    case 'print': return sheet(printed(render(model, still)), random)
    case 'screen': return screen(() => render(model, still), random)
    case 'replay': return replay(model, random)
    case 'panned': return panned(model, random)
    case 'recorded': return recorded(film(model, random))
    case 'reordered': return recorded(shuffled(film(model, random), random))
    case 'duplicated': return duplicated(model, random)
  }
}

/** Held in a hand: never quite still. */
function hand (random: () => number): (at: number) => Hold {
  const [a, b, size, lean] = [random() * 7, random() * 7, 0.95 + random() * 0.15, (random() - 0.5) * 0.1]
  return (at) => ({ x: 4 * Math.sin(at / 800 + a), y: 3 * Math.sin(at / 1100 + b), scale: size + 0.01 * Math.sin(at / 1500 + b), turn: lean + 0.01 * Math.sin(at / 900 + a) })
}

/** Paper takes on the light of the screen as skin does. */
function sheet (picture: Image, random: () => number): Performer {
  const hold = hand(random)
  const noise = Math.floor(random() * 2 ** 31)
  const gain = 0.04 + random() * 0.06
  const shone = shining()
  return {
    hear: shone.hear,
    show: (at) => {
      const [red, green, blue] = shone.light(at)
      return noisy(litBy(held(picture, hold(at), { rim: [236, 233, 226], rimPx: 14, share: 0.86 }), [red * gain, green * gain, blue * gain]), noise + Math.round(at))
    }
  }
}

/** Glass in front of a light of its own gives little of another one back. */
function screen (picture: (at: number) => Image, random: () => number): Performer {
  const hold = hand(random)
  const noise = Math.floor(random() * 2 ** 31)
  const gain = random() * 0.01
  const shone = shining()
  return {
    hear: shone.hear,
    show: (at) => {
      const [red, green, blue] = shone.light(at)
      return noisy(litBy(held(onScreen(picture(at), at / 400), hold(at), { rim: [14, 14, 16], rimPx: 18, share: 0.9 }), [red * gain, green * gain, blue * gain]), noise + Math.round(at))
    }
  }
}

/** A film of somebody who looks about, nods and blinks of their own accord. */
function replay (model: Model, random: () => number): Performer {
  const actor = somebody(model, random)
  let nextAt = 400 + random() * 1500
  return screen((at) => {
    if (at >= nextAt) {
      actor.hear(ownAction(random), at)
      nextAt = at + 1800 + random() * 2500
    }
    return actor.show(at)
  }, random)
}

function ownAction (random: () => number): Action {
  const drawn = drawPlan(random).map(({ action }) => action).find(({ do: what }) => what !== 'flash')
  return drawn ?? { do: 'nod' }
}

/** A still that is moved, turned and enlarged, so that it seems to live. */
function panned (model: Model, random: () => number): Performer {
  const [a, b] = [random() * 7, random() * 7]
  const noise = Math.floor(random() * 2 ** 31)
  const picture = render(model, still)
  return {
    hear: () => {},
    show: (at) => noisy(held(picture, { x: 18 * Math.sin(at / 700 + a), y: 10 * Math.sin(at / 950 + b), scale: 1 + 0.07 * Math.sin(at / 1200 + a), turn: 0.05 * Math.sin(at / 1000 + b) }, { rim: [0, 0, 0], rimPx: 0, share: 2 }), noise + Math.round(at))
  }
}

/** How often a camera gives a frame, and how long films are, ms. */
const FRAME_MS = 100
const FILM_MS = 16_000

/** A whole challenge of another day, as its right person passed it: its prompts came when they came then. */
function film (model: Model, random: () => number): (at: number) => Image {
  const actor = somebody(model, random)
  let at = 1200 + random() * 600
  for (const { action, afterMs } of drawPlan(random)) {
    at += afterMs
    actor.hear(action, at)
    at += action.do === 'flash' ? flashEndsMs(action.colours) : 2600
  }
  return (when) => actor.show(when % FILM_MS)
}

function recorded (frame: (at: number) => Image): Performer {
  return { hear: () => {}, show: frame }
}

/** The same frames in another order: cut so that what fits may come first. */
function shuffled (frame: (at: number) => Image, random: () => number): (at: number) => Image {
  const pieces = Array.from({ length: FILM_MS / 1000 }, (_, i) => i)
  for (let i = pieces.length - 1; i > 0; i--) {
    const j = Math.floor(random() * (i + 1))
    const [a, b] = [pieces[i]!, pieces[j]!]
    pieces[i] = b
    pieces[j] = a
  }
  return (at) => frame(pieces[Math.floor(at / 1000) % pieces.length]! * 1000 + at % 1000)
}

/** The right person, of whose frames each is sent again and again: a film that is too short is made long. */
function duplicated (model: Model, random: () => number): Performer {
  const actor = somebody(model, random)
  const often = 3 + Math.floor(random() * 4)
  let [kept, keptAt]: [Image | null, number] = [null, 0]
  return {
    hear: actor.hear,
    show: (at) => {
      if (kept === null || at >= keptAt + often * FRAME_MS) [kept, keptAt] = [actor.show(at), at]
      return kept
    }
  }
}

/** Whatever is lit by the screen that the challenge is shown on. */
function shining (): { hear: Performer['hear'], light: (at: number) => readonly [number, number, number] } {
  let heard: { colours: readonly (keyof typeof lights)[], at: number } | null = null
  return {
    hear: (action, at) => { if (action.do === 'flash') heard = { colours: action.colours, at } },
    light: (at) => {
      const colour = heard === null || at < heard.at + FLASH_BEGINS_MS ? undefined : heard.colours[Math.floor((at - heard.at - FLASH_BEGINS_MS) / FLASH_EACH_MS)]
      return colour === undefined ? [0, 0, 0] : lights[colour]
    }
  }
}
