import { recall, remember } from './memory.ts'

export type Theme = 'system' | 'dark' | 'light'

function isTheme (value: string | null): value is Theme {
  return value === 'system' || value === 'dark' || value === 'light'
}

const recalled = recall('theme')
let theme = $state<Theme>(isTheme(recalled) ? recalled : 'system')

export function chosenTheme (): Theme {
  return theme
}

export function chooseTheme (next: Theme): void {
  theme = next
  remember('theme', next === 'system' ? null : next)
  applyTheme()
}

/** Writes the choice where the style sheet reads it. */
export function applyTheme (): void {
  if (theme === 'system') document.documentElement.removeAttribute('data-theme')
  else document.documentElement.setAttribute('data-theme', theme)
}
