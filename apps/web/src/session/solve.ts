import type { Captcha } from '@oncekey/protocol/schemas'

/**
 * Gets a captcha and solves it beside the page, which stays quick meanwhile.
 * @returns the solution, for the header @throws when it can not be had or has none
 */
export async function solve (): Promise<string> {
  // Relative, as every call is: the page may live under a path.
  const answer = await fetch('./api/v1/captcha')
  const captcha: Captcha = await answer.json()
  const worker = new Worker(new URL('./captcha-worker.ts', import.meta.url), { type: 'module' })
  try {
    const number = await new Promise<number>((resolve, reject) => {
      worker.addEventListener('message', ({ data }: MessageEvent<number | null>) => {
        if (data === null) reject(new Error('This captcha has no solution.'))
        else resolve(data)
      })
      worker.addEventListener('error', () => { reject(new Error('No worker.')) })
      worker.postMessage(captcha)
    })
    return `${number}.${captcha.token}`
  } finally {
    worker.terminate()
  }
}
