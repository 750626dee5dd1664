import { after } from 'node:test'
import type { Client } from '@oncekey/client'
import type { Browser, BrowserContext, Page } from 'playwright-core'
import { openBrowser, openPage } from './browser.ts'
import { mailServer, type MailServer } from './mail.ts'
import { signIn } from './pages.ts'
import { runServer, setUp, type Running } from './server.ts'

export type Journey = { mail: MailServer, server: Running, client: Client, browser: Browser, context: BrowserContext, page: Page, errors: string[] }
type Options = { hasMail?: boolean, clock?: () => number, timeZone?: string }

/** The demonstration site and a phone at which nobody is signed in, for as long as the tests of a file run. */
async function openJourney ({ hasMail = false, clock, timeZone }: Options): Promise<Journey> {
  const mail = await mailServer()
  const server = await runServer(hasMail ? { ONCEKEY_SMTP_URL: mail.url } : {}, clock === undefined ? {} : { clock })
  const client = await setUp(server, timeZone === undefined ? {} : { timeZone })
  const browser = await openBrowser()
  after(async () => {
    await browser.close()
    await server.end()
    await mail.close()
  })
  return { mail, server, client, browser, ...await openPage(browser, { size: 'phone' }) }
}

/**
 * What most journeys begin with, for as long as the tests of a file run: the demonstration site, and its owner signed in on a phone.
 * `hasMail`: the server sends mail, and it arrives in `mail`; else it stays in the inbox page. `clock`: the server's.
 */
export async function ownersJourney (options: Options = {}): Promise<Journey> {
  const journey = await openJourney(options)
  await signIn(journey.page, journey.server.url)
  return journey
}

/** The same for somebody who is not signed in. `wait`: the clocks of the server and of the browser go on together. */
export async function strangersJourney (options: Omit<Options, 'clock'> = {}): Promise<Journey & { wait: (ms: number) => Promise<void> }> {
  let shiftMs = 0
  const journey = await openJourney({ ...options, clock: () => Date.now() + shiftMs })
  await journey.context.clock.install()
  return {
    ...journey,
    async wait (ms) {
      shiftMs += ms
      await journey.context.clock.fastForward(ms)
    }
  }
}
