import assert from 'node:assert/strict'
import { test } from 'node:test'
import { simulate, type Outcome, type Strategy } from './support/pumping.ts'
import { figure, isFull, seedOfRun } from './support/size.ts'

/**
 * The model is in docs/fraud-guard.md: a site of 3,000 visits a day, and 1,000 addresses that have codes sent to 10,000 numbers,
 * 20 times to each. Quick: one seed of one strategy that has most of the others in it; a smaller attack would be another one.
 */
const seeds = isFull ? 10 : 1
const first = seedOfRun()
const share = (part: number, whole: number): number => part / Math.max(1, whole)
const percent = (part: number, whole: number): string => `${(100 * share(part, whole)).toFixed(2)} %`

/** Numbers that pay the attacker, and how he goes about it. */
const pumping: readonly [Strategy, string][] = [
  ['oneRange', 'one block of ten thousand numbers'], ['oneCountry', '200 blocks of one country'], ['spread', '500 blocks of five countries'], ['slow', 'the same over ten days'],
  ['buys', 'the same, with 200 numbers of his own that are verified from his addresses'], ['rotates', 'the same, with a new /64 for each message'], ['noAddress', 'the same, and the program never says who asks']
]

function worst (strategy: Strategy | 'none', judge: (outcome: Outcome, seed: number) => void): void {
  const outcomes = Array.from({ length: seeds }, (_, i) => {
    const outcome = simulate({ seed: first + i, strategy })
    judge(outcome, first + i)
    return outcome
  })
  const paid = Math.max(...outcomes.map(({ attack }) => share(attack.paid, attack.attempts)))
  const refused = Math.max(...outcomes.map(({ people }) => share(people.refused, people.sends)))
  const most = outcomes.reduce((a, b) => a.attack.paid > b.attack.paid ? a : b).attack
  figure(`${strategy}: at most ${percent(paid, 1)} of ${most.attempts} attack messages paid (${most.paid}, ${most.paidOfFirst} of them in the first round), at most ${percent(refused, 1)} of ${outcomes[0]?.people.sends} honest ones refused; seeds ${first} to ${first + seeds - 1}`)
}

for (const [strategy, title] of isFull ? pumping : pumping.filter(([strategy]) => strategy === 'buys')) {
  test(`pumping, ${title}: at most 1 % of it is paid, and at most 0.5 % of people are refused`, () => {
    worst(strategy, ({ attack, people }, seed) => {
      assert.ok(attack.attempts === 200_000 && people.sends > 10_000, 'there is an attack, and there are people')
      assert.ok(share(attack.paid, attack.attempts) <= 0.01, `seed ${seed}: ${percent(attack.paid, attack.attempts)} paid`)
      assert.ok(share(people.refused, people.sends) <= 0.005, `seed ${seed}: ${percent(people.refused, people.sends)} of people refused`)
    })
  })
}

test('nobody attacks: a launch, an outage and a new country refuse nobody', () => {
  worst('none', ({ people }, seed) => { assert.ok(share(people.refused, people.sends) <= 0.001, `seed ${seed}: ${people.refused} refused`) })
})

if (isFull) test('numbers among those of people, from 1,000 addresses: each address gets some, and that is all', () => {
  worst('amongPeople', ({ attack, people }, seed) => {
    assert.ok(share(attack.paid, attack.attempts) <= 0.03, `seed ${seed}: ${percent(attack.paid, attack.attempts)} paid`)
    assert.ok(share(people.refused, people.sends) <= 0.03, `seed ${seed}: ${percent(people.refused, people.sends)} of people refused`)
  })
})

test('an attacker who looks like people, number by number and address by address, can not be told from them: the cap of the day bounds him', () => {
  const cap = 9000
  if (isFull) worst('likePeople', ({ attack }) => { assert.ok(share(attack.paid, attack.attempts) > 0.01, 'were it otherwise, the page could say so') })
  const capped = simulate({ seed: first, strategy: 'likePeople', cap })
  assert.ok(capped.mostInDay <= cap, `${capped.mostInDay} on one day`)
  assert.ok(capped.attack.paid <= 2 * cap)
})
