/**
 * The client of the pages before one is signed in. When the server has seen very many tries it wants a little work done first:
 * the page does it by itself, says so, and sends the same request again.
 */
import { createClient } from '@oncekey/client'

/** How much of the work is done, 0 to 1; null: there is none. */
let share = $state<number | null>(null)

export function captchaShare (): number | null {
  return share
}

export const entrance = createClient({
  async fetch (input, init) {
    const answer = await fetch(input, init)
    if (answer.status !== 403 || !(await answer.clone().text()).includes('"captchaNeeded"')) return answer
    share = 0
    try {
      // Loaded when it is needed: hardly anybody ever is asked.
      const { solve } = await import('./solve.ts')
      const headers = new Headers(init?.headers)
      headers.set('oncekey-captcha', await solve(done => { share = done }))
      return await fetch(input, { ...init, headers })
    } catch {
      // Told as what it is: the request was not served.
      return answer
    } finally {
      share = null
    }
  }
})
