/** What the screen is turned into for a moment. None is a saturated red, and they follow each other slowly (WCAG 2.2, 2.3.1). */
export type Colour = 'green' | 'blue' | 'cyan' | 'magenta' | 'amber'

/** What somebody is asked to do. Left and right are theirs. */
export type Action =
  | { readonly do: 'blink', readonly times: 1 | 2 | 3 }
  | { readonly do: 'turn', readonly to: 'left' | 'right' }
  | { readonly do: 'nod' }
  | { readonly do: 'flash', readonly colours: readonly Colour[] }

/** What is asked, in order, and how long to wait before each of them, ms: nobody knows before when and what. */
export type Plan = readonly { readonly action: Action, readonly afterMs: number }[]

/** Colours of one flash, and how long each stays, ms. */
const COLOURS: readonly Colour[] = ['green', 'blue', 'cyan', 'magenta', 'amber']
const SHOWN = 4
const LEAST_WAIT_MS = 300
const MOST_WAIT_MS = 1300

/**
 * Draws what to ask: colours on the screen always, since no recording answers to those, and two of the other three, in any order.
 * @param random uniform in [0, 1), not to be foretold
 */
export function drawPlan (random: () => number): Plan {
  const pick = <T> (from: readonly T[]): T => from[Math.floor(random() * from.length)]!
  const others: Action[] = [{ do: 'blink', times: pick([1, 2, 3] as const) }, { do: 'turn', to: pick(['left', 'right'] as const) }, { do: 'nod' }]
  others.splice(Math.floor(random() * others.length), 1)
  const colours: Colour[] = []
  while (colours.length < SHOWN) colours.push(pick(COLOURS.filter((one) => one !== colours.at(-1))))
  const left: Action[] = [...others, { do: 'flash', colours }]
  const plan: { action: Action, afterMs: number }[] = []
  while (left.length > 0) plan.push({ action: left.splice(Math.floor(random() * left.length), 1)[0]!, afterMs: Math.round(LEAST_WAIT_MS + random() * (MOST_WAIT_MS - LEAST_WAIT_MS)) })
  return plan
}

/** How often a frame is wanted, ms. Lids are quicker than heads. */
export function everyMs (action: Action | null): number {
  return action?.do === 'blink' ? 60 : 110
}
