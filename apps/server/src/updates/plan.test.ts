import assert from 'node:assert/strict'
import { test } from 'node:test'
import { nextStep, reachOfGroups, type GroupMember, type Plan } from './plan.ts'

/** Plays a roll-out: each controller takes one step of time, and `fails` says which of them fail. @returns what was done, in order */
function play (total: number, change: Partial<Plan> = {}, fails: (place: number) => boolean = () => false): string[] {
  const plan: Plan = { stages: [0, 10, 100], stage: 0, settledAt: null, pauseMs: 3, mostFailures: 0, ...change }
  const counts = { total, begun: 0, underWay: 0, failed: 0 }
  const done: string[] = []
  for (let now = 0; now < 1000; now++) {
    const step = nextStep(plan, counts, now)
    if (step.do !== 'wait') done.push(step.do === 'begin' ? `begin ${step.most}` : step.do)
    switch (step.do) {
      case 'begin':
        counts.underWay += step.most
        counts.begun += step.most
        break
      case 'wait':
        for (; counts.underWay > 0; counts.underWay--) if (fails(counts.begun - counts.underWay)) counts.failed++
        break
      case 'settle': plan.settledAt = now; break
      case 'advance':
        plan.stage++
        plan.settledAt = null
        break
      default: return done
    }
  }
  throw new Error(`It never ended: ${done.join(', ')}`)
}

test('one, a tenth, all, with a pause between', () => {
  assert.deepEqual(play(40), ['begin 1', 'settle', 'advance', 'begin 3', 'settle', 'advance', 'begin 36', 'finish'])
  assert.deepEqual(play(1), ['begin 1', 'finish'])
  assert.deepEqual(play(3), ['begin 1', 'settle', 'advance', 'settle', 'advance', 'begin 2', 'finish'])
  assert.deepEqual(play(120, { stages: [100] }), ['begin 50', 'begin 50', 'begin 20', 'finish'], 'never more than 50 at once')
})

test('more failures than are allowed halt it before the next stage, in whatever stage', () => {
  assert.deepEqual(play(40, {}, (place) => place === 0), ['begin 1', 'halt'])
  assert.deepEqual(play(40, {}, (place) => place === 2), ['begin 1', 'settle', 'advance', 'begin 3', 'halt'])
  assert.deepEqual(play(40, { mostFailures: 1 }, (place) => place === 0 || place === 1), ['begin 1', 'settle', 'advance', 'begin 3', 'halt'])
  assert.deepEqual(play(40, { mostFailures: 2 }, (place) => place === 0 || place === 39).at(-1), 'finish')
})

test('group by group: who is off line holds nobody up, a group of which nobody is there does, and in the end so does everybody', () => {
  /** `w`: waits, `o`: waits off line, `b`: begun; groups with a blank between. */
  const reach = (said: string, stage: number): number => {
    const members = said.split(' ').flatMap((group, stage) => [...group].map((sign): GroupMember => ({ stage, isWaiting: sign !== 'b', isOnline: sign !== 'o' })))
    return reachOfGroups(members, stage, said.split(' ').length - 1)
  }
  assert.equal(reach('ww www w', 0), 2)
  assert.equal(reach('bb www w', 0), 2, 'it is settled, and the next has its turn')
  assert.equal(reach('bo www w', 0), 1, 'the one that is away gets it later')
  assert.equal(reach('bw www w', 1), 5, 'also while another group has its turn')
  assert.equal(reach('oo www w', 0), 1, 'nobody was there yet')
  assert.equal(reach('bo ooo w', 1), 2)
  assert.equal(reach('bo bbb o', 2), 6, 'the last turn waits for all')
  assert.equal(reach('bo  w', 1), 1, 'a group that was taken away holds nobody up')
})
