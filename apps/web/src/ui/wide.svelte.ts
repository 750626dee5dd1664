import { MediaQuery } from 'svelte/reactivity'

const query = new MediaQuery('(min-width: 900px)')

/** True where there is room for the rail and a panel beside the content. */
export function isWide (): boolean {
  return query.current
}
