/** The document of one door, served for `/door/<controller's id>`. It has a build of its own: see vite.door.config.ts. */
import '../app.css'
import { mount } from 'svelte'
import { loadTexts, useCatalogues } from '../texts/texts.svelte.ts'
import { applyTheme } from '../ui/theme.svelte.ts'
import DoorPage from './DoorPage.svelte'

// As they are, not as modules: for those Vite would bring a loader that weighs as much as the words.
const addresses = import.meta.glob<string>('../texts/*/{basics,door}.json', { query: '?url', import: 'default', eager: true })
useCatalogues(async (language, part) => (await fetch(addresses[`../texts/${language}/${part}.json`] ?? '')).json())

applyTheme()
const base = new URL('.', document.baseURI).pathname
const path = `/${location.pathname.slice(base.length)}`
const controllerId = /^\/door\/([^/]+)/.exec(path)?.[1] ?? ''
const target = document.getElementById('app')

loadTexts(['basics', 'door']).then(() => {
  if (target) mount(DoorPage, { target, props: { controllerId, path } })
}, () => {
  // Not even words: the line went between two files.
  if (target) target.textContent = 'Oncekey can not be reached. Check your connection and load this page again.'
})
