import './app.css'
import { mount } from 'svelte'
import App from './App.svelte'
import { recall, remember } from './ui/memory.ts'
import { applyTheme } from './ui/theme.svelte.ts'

// After an upgrade the server has new files; a tab that still wants the old ones starts anew, once a minute at most.
addEventListener('vite:preloadError', () => {
  const last = Number(recall('reloadedAt', 'session') ?? 0)
  if (Date.now() - last < 60_000) return
  // Without an answer it is the line that is gone, not the file: loading again would end at the browser's own error page.
  fetch(new URL('health/live', document.baseURI), { cache: 'no-store' }).then(() => {
    remember('reloadedAt', String(Date.now()), 'session')
    location.reload()
  }, () => {})
})

applyTheme()
const target = document.getElementById('app')
if (target) mount(App, { target })
