import type { Plugin } from 'vite'

const was = 'export let hydrating = false;'
const sets = 'hydrating = value;'

/**
 * Leaves out Svelte's code for pages that a server has drawn before: ours never are. Svelte marks all of it with
 * one variable, for bundlers to see that nobody sets it; this one (rolldown) has to be told. Saves every first
 * visit more than 1 kB. Fails when Svelte has changed the place.
 */
export function leanSvelte (): Plugin {
  return {
    name: 'lean-svelte',
    apply: 'build',
    transform: {
      filter: { id: /svelte\/src\/internal\/client\/dom\/hydration\.js$/ },
      handler (code) {
        if (!code.includes(was) || !code.includes(sets)) this.error('Svelte has changed how it marks hydration: see scripts/lean-svelte.ts.')
        return { code: code.replace(was, 'export const hydrating = false;').replace(sets, ''), map: null }
      }
    }
  }
}
