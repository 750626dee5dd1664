const query = matchMedia('(min-width: 900px)')
let wide = $state.raw(query.matches)
query.addEventListener('change', () => { wide = query.matches })

/** True where there is room for the rail and a panel beside the content. */
export function isWide (): boolean {
  return wide
}
