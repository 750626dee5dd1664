/**
 * The client of the pages before one is signed in. When the server has seen very many tries it wants a little work done first:
 * the page does it by itself, says so, and sends the same request again.
 */
import { createPageClient } from '@oncekey/client'

let busy = $state(false)

/** Whether that work is being done. */
export function isChecking (): boolean {
  return busy
}

export const entrance = createPageClient({
  async fetch (input, init) {
    const answer = await fetch(input, init)
    if (answer.status !== 403 || !(await answer.clone().text()).includes('"captchaNeeded"')) return answer
    busy = true
    try {
      const { solve } = await import('./solve.ts')
      const headers = new Headers(init?.headers)
      headers.set('oncekey-captcha', await solve())
      return await fetch(input, { ...init, headers })
    } catch {
      // Told as what it is: the request was not served.
      return answer
    } finally {
      busy = false
    }
  }
})
