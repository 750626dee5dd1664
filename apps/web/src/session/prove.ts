/** Asks whoever is signed in who they are, in one dialog for all pages. */
import { mount, unmount } from 'svelte'
import { factors as calls } from './factors.ts'
import { loadTexts } from '../texts/texts.svelte.ts'
import ProofDialog from './ProofDialog.svelte'

let asked: Promise<boolean> | null = null

/** True: proven, what was refused may be tried again. Calls that are refused meanwhile wait for the same answer. */
export function prove (): Promise<boolean> {
  asked ??= ask().finally(() => { asked = null })
  return asked
}

async function ask (): Promise<boolean> {
  const [{ provesBy }] = await Promise.all([calls.get(), loadTexts(['entrance'])])
  return new Promise(resolve => {
    const dialog = mount(ProofDialog, {
      target: document.body,
      props: {
        ways: provesBy.filter(way => way !== 'provider'), byProvider: provesBy.includes('provider'),
        done: (isProven: boolean) => {
          void unmount(dialog)
          resolve(isProven)
        }
      }
    })
  })
}
