// Makes docs/pictures/trip.gif from the running product: a code is asked for, typed, and the bolt turns. Needs Chromium
// and ffmpeg (Debian: apt-get install chromium ffmpeg).
import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { readConfig, startServer } from '@oncekey/server'
import { openBrowser, openPage } from '../e2e/support/browser.ts'
import { doorOf, fillWizard } from '../e2e/support/pages.ts'
import { ensureChromium } from './chromium.mjs'
import { root } from './steps.mjs'

process.env.CHROMIUM = await ensureChromium()
if (spawnSync('ffmpeg', ['-version']).status !== 0) {
  console.error('The picture needs ffmpeg. Install it ("sudo apt-get install ffmpeg").')
  process.exit(1)
}
const folder = mkdtempSync(join(tmpdir(), 'oncekey-pictures-'))
const frames = join(folder, 'frames')
mkdirSync(frames)
const quiet = { info () {}, warn () {}, error: console.error }
const server = await startServer(readConfig({ ONCEKEY_DATA_DIR: join(folder, 'data'), ONCEKEY_PORT: '0', ONCEKEY_MQTT_PORT: '0' }), { log: quiet })
const browser = await openBrowser()
try {
  const { page } = await openPage(browser)
  await page.setViewportSize({ width: 1280, height: 720 })
  await page.goto(server.setupLink)
  await fillWizard(page)
  await page.getByRole('button', { name: 'Start' }).click()
  const door = doorOf(page)
  await page.getByRole('radio', { name: 'Front door' }).click()
  await door.until(/Front door.*Enter code/)

  const shots = []
  let isOn = true
  const filming = (async () => {
    while (isOn) {
      shots.push({ at: performance.now(), png: await page.screenshot({ type: 'png' }) })
      await page.waitForTimeout(40)
    }
  })()
  await page.waitForTimeout(900)
  await page.getByRole('button', { name: 'Get a code for Front door' }).click()
  const digits = (await page.getByTestId('code-digits').textContent()).replace(/\D/g, '')
  await page.waitForTimeout(1200)
  for (const key of digits + '#') {
    await door.root.locator(`[data-key="${key}"]`).click()
    await page.waitForTimeout(260)
  }
  await door.until(/^Open/)
  await page.waitForTimeout(2600)
  isOn = false
  await filming

  const list = shots.map(({ png, at }, i) => {
    const name = join(frames, `${String(i).padStart(4, '0')}.png`)
    writeFileSync(name, png)
    return `file '${name}'\nduration ${(((shots[i + 1]?.at ?? at + 1500) - at) / 1000).toFixed(3)}`
  })
  writeFileSync(join(folder, 'frames.txt'), list.join('\n'))
  const target = join(root, 'docs/pictures/trip.gif')
  mkdirSync(join(root, 'docs/pictures'), { recursive: true })
  const made = spawnSync('ffmpeg', ['-y', '-loglevel', 'error', '-f', 'concat', '-safe', '0', '-i', join(folder, 'frames.txt'),
    '-vf', 'fps=8,scale=900:-1:flags=lanczos,split[a][b];[a]palettegen=max_colors=96:stats_mode=diff[p];[b][p]paletteuse=dither=none:diff_mode=rectangle', '-loop', '0', target], { stdio: 'inherit' })
  if (made.status !== 0) process.exitCode = 1
  else console.log(`${target}: ${shots.length} frames`)
} finally {
  await browser.close()
  await server.close()
  rmSync(folder, { recursive: true, force: true })
}
