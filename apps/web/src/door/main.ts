/** The document of one door, served for `/door/<controller's id>`. It has a build of its own: see vite.door.config.ts. */
import '../app.css'
import { mount } from 'svelte'
import { loadTexts } from '../texts/texts.svelte.ts'
import { applyTheme } from '../ui/theme.svelte.ts'
import DoorPage from './DoorPage.svelte'

applyTheme()
const base = new URL('.', document.baseURI).pathname
const path = `/${location.pathname.slice(base.length)}`
const controllerId = path.split('/')[2] ?? ''
const target = document.getElementById('app')

loadTexts(['basics', 'door']).then(() => {
  if (target) mount(DoorPage, { target, props: { controllerId, path } })
}, () => {
  // Not even words: the line went between two files.
  if (target) target.textContent = 'Oncekey can not be reached. Check your connection and load this page again.'
})
