import { chromium, type Browser, type BrowserContext, type Page } from 'playwright-core'
import { findChromium } from '../../scripts/chromium.mjs'

const flags = ['--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync', '--mute-audio', '--autoplay-policy=no-user-gesture-required']

/** Opens the Chromium that scripts/chromium.mjs found. `home`: where it looks for authorities that its user trusts. */
export async function openBrowser (more: { home?: string, flags?: string[] } = {}): Promise<Browser> {
  const path = findChromium()
  if (path === undefined) throw new Error('Journeys need Chromium. Install it: "sudo apt-get install chromium-headless-shell".')
  // As root (in a container, say) Chromium's own sandbox can not be used.
  return chromium.launch({ executablePath: path, args: [...flags, ...(more.flags ?? []), ...(process.getuid?.() === 0 ? ['--no-sandbox'] : [])], ...(more.home === undefined ? {} : { env: { ...process.env, HOME: more.home } }) })
}

export const sizes = { phone: { width: 360, height: 740 }, desktop: { width: 1280, height: 800 } } as const

/** A fresh profile; every error that one of its pages logs or throws is kept in `errors`. */
export async function openPage (browser: Browser, options: { size?: keyof typeof sizes, dark?: boolean, timeZone?: string } = {}): Promise<{ context: BrowserContext, page: Page, errors: string[] }> {
  const context = await browser.newContext({
    viewport: sizes[options.size ?? 'desktop'], colorScheme: options.dark === true ? 'dark' : 'light', locale: 'en-GB', timezoneId: options.timeZone ?? 'Europe/Lisbon', reducedMotion: 'no-preference'
  })
  context.setDefaultTimeout(15_000)
  const errors: string[] = []
  context.on('page', (one) => {
    one.on('pageerror', (error) => { errors.push(error.message) })
    one.on('console', (message) => { if (message.type() === 'error') errors.push(message.text()) })
  })
  const page = await context.newPage()
  return { context, page, errors }
}
