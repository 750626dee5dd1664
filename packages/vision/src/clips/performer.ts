import { flashEndsMs, FLASH_BEGINS_MS, FLASH_EACH_MS, lights } from '../flash.ts'
import type { Image } from '../image.ts'
import type { Action } from '../plan.ts'
import { noisy } from './effects.ts'
import { render, still, type Model, type Posture } from './posture.ts'

/** Something before a camera. It is told what the screen asks for, and shows a picture whenever it is asked for one. */
export type Performer = { readonly hear: (action: Action, at: number) => void, readonly show: (at: number) => Image }

type Heard = { readonly action: Action, readonly at: number, readonly delay: number, readonly pace: number }

/** How soon people react, and how long a blink and a turn take them, ms. */
const SOONEST_MS = 350
const LATEST_MS = 1000
const BLINK_MS = 340
const BETWEEN_BLINKS_MS = 420
const TURN_MS = 1300
/** How far they turn and nod, radians. */
const YAW = 0.65
const PITCH = 0.5
/** What comes from a screen to the far side of the camera and back is so late, ms. */
const SCREEN_MS = 120

/**
 * Somebody who does what is asked, as people do: after a moment, never quite still, and blinking now and then as everybody does.
 * @param isDeaf does not do what is asked, and moves a little, blinks and breathes all the same
 */
export function somebody (model: Model, random: () => number, { isDeaf = false }: { isDeaf?: boolean } = {}): Performer {
  const heard: Heard[] = []
  const [phase, sway, gain] = [random() * 7, 1 + random() * 2, 0.04 + random() * 0.06]
  // A blink of one's own, every few seconds; while one is asked for blinks people have them under control.
  let ownBlinkAt = 1500 + random() * 3000
  const noise = Math.floor(random() * 2 ** 31)
  return {
    hear: (action, at) => { heard.push({ action, at, delay: SOONEST_MS + random() * (LATEST_MS - SOONEST_MS), pace: 0.85 + random() * 0.4 }) },
    show: (at) => {
      let posture: Posture = {
        ...still, x: sway * Math.sin(at / 900 + phase), y: sway * Math.sin(at / 1300 + phase * 2), scale: 1 + 0.004 * Math.sin(at / 1700 + phase),
        yaw: 0.015 * Math.sin(at / 1100 + phase), pitch: 0.012 * Math.sin(at / 1500 + phase)
      }
      const isBlinking = heard.some((one) => one.action.do === 'blink' && at > one.at - 300 && at < one.at + 6000)
      if (at > ownBlinkAt + BLINK_MS) ownBlinkAt = at + 2500 + random() * 4000
      if (!isBlinking && !isDeaf) posture = blinking(posture, at - ownBlinkAt)
      if (isDeaf) posture = blinking(posture, at - ownBlinkAt)
      else for (const one of heard) posture = acted(posture, one, at, gain)
      return noisy(render(model, posture), noise + Math.round(at))
    }
  }
}

function acted (posture: Posture, { action, at: heardAt, delay, pace }: Heard, at: number, gain: number): Posture {
  const into = (at - heardAt - delay) * pace
  switch (action.do) {
    case 'blink': return Array.from({ length: action.times }, (_, i) => i).reduce((so, i) => blinking(so, into - i * (BLINK_MS + BETWEEN_BLINKS_MS)), posture)
    case 'turn': return { ...posture, yaw: posture.yaw + (action.to === 'left' ? YAW : -YAW) * swing(into / TURN_MS) }
    case 'nod': return { ...posture, pitch: posture.pitch + PITCH * swing(into / TURN_MS) }
    case 'flash': return lit(posture, action.colours, at - heardAt - SCREEN_MS, gain)
  }
}

/** Shut for half of the time of a blink. */
function blinking (posture: Posture, into: number): Posture {
  const shut = Math.min(1, Math.max(0, 2 - Math.abs(into / BLINK_MS - 0.5) * 4))
  return shut === 0 ? posture : { ...posture, left: Math.max(posture.left, shut), right: Math.max(posture.right, shut) }
}

/** There and back within 0 to 1. */
function swing (part: number): number {
  return part <= 0 || part >= 1 ? 0 : Math.min(1, Math.sin(part * Math.PI) * 1.3)
}

function lit (posture: Posture, colours: readonly (keyof typeof lights)[], into: number, gain: number): Posture {
  const colour = into > flashEndsMs(colours) ? undefined : colours[Math.floor((into - FLASH_BEGINS_MS) / FLASH_EACH_MS)]
  if (into < FLASH_BEGINS_MS || colour === undefined) return posture
  const [red, green, blue] = lights[colour]
  return { ...posture, light: [red * gain, green * gain, blue * gain] }
}
