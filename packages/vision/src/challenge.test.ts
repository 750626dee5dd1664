import assert from 'node:assert/strict'
import { test } from 'node:test'
import { begin, LONGEST_MS, step, type Challenge, type Step } from './challenge.ts'
import { randomFrom } from './clips/random.ts'
import { flashEndsMs, lights, seeFlash, type Skin } from './flash.ts'
import { judge, THRESHOLD } from './judge.ts'
import { drawPlan, everyMs, type Action, type Colour, type Plan } from './plan.ts'
import type { Seen } from './seen.ts'
import { seen } from './testing/drawn.ts'
import { movesUnasked, watch } from './watch.ts'

const colours: Colour[] = ['green', 'magenta', 'blue', 'amber']
const base = { yaw: 0, pitch: 0, skin: [180, 130, 100] as Skin }

test('what is asked is drawn: colours always, two of three others, in any order, and every one of them comes up', () => {
  const random = randomFrom(11)
  const kinds = new Map<string, number>()
  const firsts = new Map<string, number>()
  for (let i = 0; i < 2000; i++) {
    const plan = drawPlan(random)
    assert.equal(plan.length, 3)
    assert.equal(new Set(plan.map(({ action }) => action.do)).size, 3)
    for (const { action, afterMs } of plan) {
      assert.ok(afterMs >= 300 && afterMs <= 1300)
      const name = action.do === 'blink' ? `blink ${action.times}` : action.do === 'turn' ? `turn ${action.to}` : action.do
      kinds.set(name, (kinds.get(name) ?? 0) + 1)
      if (action.do === 'flash') {
        assert.equal(action.colours.length, 4)
        assert.ok(action.colours.every((colour, k) => colour !== action.colours[k - 1]), 'a colour is followed by another')
      }
    }
    firsts.set(plan[0]!.action.do, (firsts.get(plan[0]!.action.do) ?? 0) + 1)
  }
  assert.deepEqual([...kinds.keys()].sort(), ['blink 1', 'blink 2', 'blink 3', 'flash', 'nod', 'turn left', 'turn right'])
  assert.equal(kinds.get('flash'), 2000)
  for (const [name, n] of kinds) assert.ok(n > 300, `${name}: ${n}`)
  for (const n of firsts.values()) assert.ok(n > 350)
  assert.ok(everyMs({ do: 'blink', times: 1 }) < everyMs(null))
})

/** Skin under each colour in turn, `late` after it was asked for. */
function lit (shown: readonly Colour[], { gain = 0.06, late = 150, every = 100 }: { gain?: number, late?: number, every?: number } = {}): { at: number, skin: Skin }[] {
  return Array.from({ length: Math.floor(flashEndsMs(shown) / every) + 1 }, (_, i) => {
    const at = i * every
    const colour = shown[Math.floor((at - late - 300) / 600)]
    const light = colour === undefined || at < late + 300 ? [0, 0, 0] : lights[colour]
    return { at, skin: [180 * (1 + light[0]! * gain), 130 * (1 + light[1]! * gain), 100 * (1 + light[2]! * gain)] as Skin }
  })
}

test('skin takes on the colours that are shown, as strongly as they come back, whoever comes nearer meanwhile', () => {
  for (const late of [0, 150, 400]) {
    const found = seeFlash(colours, base.skin, lit(colours, { late }))
    assert.ok(found !== null && found.likeness > 0.98 && Math.abs(found.gain - 0.06) < 0.01, `${late}: ${JSON.stringify(found)}`)
  }
  const brighter = lit(colours).map(({ at, skin }, i) => ({ at, skin: skin.map((one) => one * (1 + i * 0.01)) as unknown as Skin }))
  assert.ok(seeFlash(colours, base.skin, brighter)!.likeness > 0.98)
})

test('other colours, no light, and too few frames are told from it', () => {
  assert.ok(seeFlash(colours, base.skin, lit(['magenta', 'green', 'amber', 'blue']))!.likeness < 0.5)
  assert.ok(Math.abs(seeFlash(colours, base.skin, lit(colours, { gain: 0 }))!.gain) < 1e-9)
  assert.equal(seeFlash(colours, base.skin, lit(colours, { every: 500 })), null)
  assert.equal(seeFlash(colours, base.skin, []), null)
})

/** Frames from 0 on, each as it is said to be. */
const film = (ms: number, every: number, how: (at: number) => Parameters<typeof seen>[1]): Seen[] => Array.from({ length: Math.floor(ms / every) + 1 }, (_, i) => seen(i * every, how(i * every)))
const progress = (action: Action, frames: Seen[], promptedAt = 1000): string => {
  const found = watch(action, base, frames, promptedAt)
  return found.is === 'slipped' ? found.why : found.is
}

test('as many blinks as were asked for, each an answer, and then no more', () => {
  const blinks = (at: number[], ms: number): Seen[] => film(ms, 50, (now) => ({ shut: at.some((one) => now >= one && now < one + 200) ? 0.95 : 0 }))
  const twice: Action = { do: 'blink', times: 2 }
  assert.equal(progress(twice, blinks([1500], 2000)), 'waiting')
  assert.equal(progress(twice, blinks([1500, 2000], 2300)), 'waiting', 'there may be a third')
  assert.equal(progress(twice, blinks([1500, 2000], 3000)), 'done')
  assert.equal(progress(twice, blinks([1500, 2000, 2500], 3000)), 'otherCount')
  assert.equal(progress(twice, blinks([1500], 6000)), 'otherCount')
  assert.equal(progress(twice, blinks([], 6000)), 'tooLate')
  assert.equal(progress(twice, blinks([500, 1050], 6000)), 'tooLate', 'before it was asked for, or sooner than anybody can')
  assert.equal(progress({ do: 'blink', times: 1 }, blinks([3450], 4400)), 'tooLate')
  assert.equal(progress(twice, []), 'waiting')
  const faceless = film(6000, 50, () => ({ face: null, fault: 'noFace' }))
  assert.equal(progress(twice, faceless), 'tooLate')
})

test('a turn goes the way that was asked for, after it was, and comes back', () => {
  const turn = (from: number, yaw: number, ms: number, back = 900): Seen[] => film(ms, 100, (at) => ({ yaw: at >= from && at < from + back ? yaw : 0 }))
  const left: Action = { do: 'turn', to: 'left' }
  assert.equal(progress(left, turn(1500, 0.2, 1800)), 'waiting')
  assert.equal(progress(left, turn(1500, 0.2, 2600)), 'done')
  assert.equal(progress({ do: 'turn', to: 'right' }, turn(1500, -0.2, 2600)), 'done')
  assert.equal(progress(left, turn(1500, -0.2, 2600)), 'otherWay')
  assert.equal(progress(left, turn(900, 0.2, 2600)), 'tooEarly')
  assert.equal(progress(left, turn(3700, 0.2, 4500)), 'tooLate')
  assert.equal(progress(left, turn(1500, 0.2, 4500, 9000)), 'tooLate', 'it does not come back')
  assert.equal(progress(left, turn(1500, 0.05, 4000)), 'tooLate', 'not far enough')
  assert.equal(progress(left, film(1500, 100, () => ({ face: null }))), 'waiting')
})

test('a nod goes down and comes back; up is none', () => {
  const nod = (pitch: number): Seen[] => film(4000, 100, (at) => ({ pitch: at >= 1500 && at < 2200 ? pitch : 0 }))
  assert.equal(progress({ do: 'nod' }, nod(0.15)), 'done')
  assert.equal(progress({ do: 'nod' }, nod(-0.15)), 'tooLate')
})

test('the colours of the screen have to come back', () => {
  const flash: Action = { do: 'flash', colours }
  const under = (shown: readonly Colour[], gain = 0.06): Seen[] => [seen(500), seen(900, { face: null }), ...lit(shown, { gain }).map(({ at, skin }) => seen(1000 + at, { skin }))]
  assert.equal(progress(flash, under(colours).slice(0, -3)), 'waiting')
  assert.equal(progress(flash, under(colours)), 'done')
  assert.equal(progress(flash, under(colours, 0.005)), 'noColours')
  assert.equal(progress(flash, under(['blue', 'amber', 'green', 'magenta'])), 'noColours')
  assert.equal(progress(flash, [seen(1000), seen(9000)]), 'noColours', 'too few were seen')
  assert.equal(progress(flash, []), 'waiting')
  assert.equal(movesUnasked(base, seen(1).face!), false)
  assert.equal(movesUnasked(base, seen(1, { yaw: -0.2 }).face!), true)
  assert.equal(movesUnasked(base, seen(1, { pitch: 0.2 }).face!), true)
})

const plan: Plan = [{ action: { do: 'turn', to: 'left' }, afterMs: 500 }, { action: { do: 'nod' }, afterMs: 300 }]

/** Plays frames, 100 ms apart, as somebody who is told of prompts shows them. */
function play (how: (at: number, promptedAt: number | null, index: number) => Parameters<typeof seen>[1], { ms = 12_000, every = 100, what = plan }: { ms?: number, every?: number, what?: Plan } = {}): { steps: (Step & { at: number })[], challenge: Challenge } {
  let challenge = begin(what, 0)
  let [promptedAt, index]: [number | null, number] = [null, 0]
  const steps: (Step & { at: number })[] = []
  for (let at = every; at <= ms; at += every) {
    const next = step(challenge, seen(at, how(at, promptedAt, index)))
    challenge = next.challenge
    for (const one of next.steps) {
      steps.push({ ...one, at })
      if (one.do === 'prompt') [promptedAt, index] = [at, one.index]
      if (one.do === 'praise') promptedAt = null
    }
  }
  return { steps, challenge }
}
const obedient = (at: number, promptedAt: number | null, index: number): Parameters<typeof seen>[1] => {
  const isMoving = promptedAt !== null && at > promptedAt + 1300 && at < promptedAt + 2000
  return isMoving ? index === 0 ? { yaw: 0.2 } : { pitch: 0.15 } : {}
}
const ending = ({ steps }: { steps: Step[] }): unknown => {
  const last = steps.at(-1)
  return last?.do !== 'end' ? null : last.failure === null ? 'passed' : last.failure.why
}

test('who settles and does what is asked, each in its time, passes; frames are kept before, amid and after each', () => {
  const { steps, challenge } = play(obedient)
  assert.equal(ending({ steps }), 'passed')
  assert.deepEqual(steps.filter((one) => one.do !== 'guide').map((one) => one.do), ['keep', 'keep', 'prompt', 'keep', 'keep', 'praise', 'keep', 'prompt', 'keep', 'keep', 'praise', 'end'])
  const [first, second] = steps.filter((one) => one.do === 'prompt')
  assert.equal(first!.at, 500 + 500)
  assert.ok(second!.at >= 300 + steps.find((one) => one.do === 'praise')!.at)
  assert.deepEqual(step(challenge, seen(99_000)).steps, [], 'after its end nothing more')
})

test('until one face is seen well for a moment nothing is asked, and whoever is not is told why', () => {
  const { steps } = play((at) => at < 2000 ? { fault: 'tooDark' } : at < 2400 ? {} : at === 2400 ? { left: 400 } : obedient(at, null, 0), { ms: 3000 })
  assert.deepEqual(steps[0], { do: 'guide', fault: 'tooDark', at: 100 })
  assert.equal(steps.find((one) => one.do === 'keep')!.at >= 2900, true, 'a face that leaps begins anew')
  assert.equal(ending(play(() => ({ fault: 'tooFar' }), { ms: 30_000 })), 'tooFar')
  assert.equal(ending(play((at) => at % 300 === 0 ? { fault: 'blurred', face: null } : {}, { ms: 30_000 })), 'blurred')
})

test('a face that goes, a second one, a leap, a gap and a movement that nobody asked for end it, and each says what it was', () => {
  const from = (when: number, how: Parameters<typeof seen>[1], until = Infinity) => (at: number, promptedAt: number | null, index: number) => at >= when && at < until ? how : obedient(at, promptedAt, index)
  assert.equal(ending(play(from(1200, { face: null, fault: 'noFace' }))), 'noFace')
  assert.equal(ending(play(from(1200, { face: null }))), 'noFace')
  assert.equal(ending(play(from(1200, { face: null, fault: 'noFace' }, 1600))), 'passed', 'a moment is forgiven')
  assert.equal(ending(play(from(1200, { face: null, fault: 'severalFaces' }))), 'severalFaces')
  assert.equal(ending(play(from(1200, { left: 450 }))), 'moved')
  assert.equal(ending(play((at, promptedAt, index) => at > 700 && at < 1000 ? { yaw: 0.2 } : obedient(at, promptedAt, index), { what: plan.map((one) => ({ ...one, afterMs: 3000 })) })), 'passed', 'coming to rest')
  assert.equal(ending(play(from(2000, { yaw: 0.2 }), { what: plan.map((one) => ({ ...one, afterMs: 3000 })) })), 'tooEarly')
  assert.equal(ending(play(() => ({}))), 'tooLate')
  let { challenge } = play(obedient, { ms: 900 })
  const gap = step(challenge, seen(2000))
  assert.equal(ending({ steps: [...gap.steps] }), 'lostSight')
  challenge = { ...challenge, frames: [] }
  assert.deepEqual(step(challenge, seen(950)).steps, [], 'the first frame is no gap')
  assert.equal(ending({ steps: [...step(challenge, seen(LONGEST_MS + 1)).steps] }), 'tooLate')
})

test('the same picture again and again is no camera', () => {
  assert.equal(ending(play((at) => ({ sum: Math.floor(at / 400) }))), 'repeated')
  assert.equal(ending(play((at, promptedAt, index) => ({ ...obedient(at, promptedAt, index), sum: at === 600 || at === 1700 ? 500 : at }))), 'passed', 'two may be')
})

test('while it is not known where a face looks, nothing is asked', () => {
  const { steps } = play((at) => at > 500 && at < 3000 ? { fault: at % 200 === 0 ? 'blurred' : null, yaw: at % 200 === 0 ? 0 : 0.2 } : {}, { ms: 900 })
  assert.equal(steps.some((one) => one.do === 'prompt'), false)
})

const unit = (...values: number[]): Float32Array => {
  const length = Math.hypot(...values)
  return Float32Array.from({ length: 512 }, (_, i) => (values[i] ?? 0) / length)
}

test('whose face it was: alive, one person all the time, and the one that it says to be', () => {
  const [ann, annToo, bea] = [unit(1, 0, 0.1), unit(1, 0.2), unit(0, 1)]
  const alive = [0.9, 0.8, 0.95, 0.1]
  const kept = { embeddings: [ann, annToo, ann, annToo], alive }
  const found = judge(kept, null)
  assert.equal(found.is, 'accepted')
  assert.ok(found.is === 'accepted' && Math.abs(Math.hypot(...found.embedding) - 1) < 1e-5)
  assert.equal(judge(kept, unit(1, 0.5)).is, 'accepted')
  assert.deepEqual(judge(kept, bea), { is: 'refused', why: 'other' })
  assert.deepEqual(judge({ ...kept, embeddings: [ann, annToo, ann, bea] }, null), { is: 'refused', why: 'notOne' })
  assert.deepEqual(judge({ ...kept, alive: [0.9, 0.2, 0.1, 0.2] }, null), { is: 'refused', why: 'notAlive' })
  assert.equal(judge({ embeddings: [ann, ann, ann], alive: [0.9, 0.9, 0.1] }, ann).is, 'accepted')
  assert.equal(judge(kept, unit(1, 0, 0, 0.9 * 2.2), 0.9).is, 'refused')
  assert.throws(() => judge({ embeddings: [ann, ann], alive: [1, 1] }, null), RangeError)
  assert.throws(() => judge({ embeddings: [ann, ann, ann], alive: [1, 1] }, null), RangeError)
  assert.equal(THRESHOLD, 0.42)
})
