import assert from 'node:assert/strict'
import { spawn, spawnSync } from 'node:child_process'
import { cpSync, existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { text } from 'node:stream/consumers'
import { findChromium } from '../scripts/chromium.mjs'
import { openBrowser, openPage } from './support/browser.ts'
import { signIn } from './support/pages.ts'
import { runServer, setUp } from './support/server.ts'

type Look = { name: string, finalUrl: string, fault: string | null, scores: Record<string, number>, wrong: string[], /** How quick the machine was just then, Lighthouse's benchmarkIndex. */ machine: number }

/** Speed is simulated from what the machine took, so it is only asked for where nothing runs beside it. */
const isFull = process.env['ONCEKEY_TEST_SIZE'] === 'full'
/** One look measures the machine's other work as much as the page: the middle one of these is taken. */
const LOOKS = isFull ? 5 : 1
const here = join(import.meta.dirname, 'lighthouse')
const LEAST: Record<string, number> = { '/sign-in': 95, '/register': 95, '/access': 95, '/inbox': 95, '/door': 95, '/live': 90, '/people': 90, '/places': 90, '/audit': 90, '/verifications': 90, '/developers': 90 }

const server = await runServer()
const client = await setUp(server)
const profile = mkdtempSync(join(tmpdir(), 'oncekey-lighthouse-profile-'))
after(async () => {
  await server.end()
  rmSync(profile, { recursive: true, force: true })
})

/** Where Lighthouse is: a folder of its own, for all clones and runs. @throws Error with the cure */
function ensureLighthouse (): string {
  const home = join(tmpdir(), 'oncekey-lighthouse-13.5.0')
  mkdirSync(home, { recursive: true })
  cpSync(here, home, { recursive: true })
  if (existsSync(join(home, 'node_modules/lighthouse/core/index.js'))) return home
  const done = spawnSync('npm', ['ci', '--ignore-scripts'], { cwd: home, encoding: 'utf8', timeout: 300_000 })
  if (done.status !== 0) throw new Error(`Lighthouse could not be installed ("npm ci" in e2e/lighthouse): ${done.stderr.trim().slice(-300)}`)
  return home
}

async function looks (jobs: readonly { name: string, url: string, cookie: string | null, categories: readonly string[] }[]): Promise<Look[]> {
  const child = spawn(process.execPath, [join(ensureLighthouse(), 'run.mjs'), findChromium() ?? '', profile, JSON.stringify(jobs)], { stdio: ['ignore', 'pipe', 'pipe'] })
  const [out, err, code] = await Promise.all([text(child.stdout), text(child.stderr), new Promise((resolve) => { child.once('close', resolve) })])
  assert.equal(code, 0, err.slice(-2000))
  return out.trim().split('\n').map((line) => JSON.parse(line) as Look)
}

test('Lighthouse finds nothing to say about the use of pages and good practice, nor, where it is asked, about their speed', async () => {
  const browser = await openBrowser()
  const { context, page } = await openPage(browser)
  await signIn(page, server.url)
  const cookie = (await context.cookies()).map((one) => `${one.name}=${one.value}`).join('; ')
  await browser.close()
  const door = (await client.places.get()).controllers.find((one) => one.name.includes('Bank A'))
  const names = isFull ? Object.keys(LEAST) : ['/sign-in', '/access', '/door', '/live']
  const found = await looks(names.flatMap((name) => Array.from({ length: LOOKS }, () => ({
    name, url: server.url + (name === '/door' ? `/door/${door?.id}` : name), cookie: ['/sign-in', '/register'].includes(name) ? null : cookie,
    categories: ['accessibility', 'best-practices', ...isFull ? ['performance'] : []]
  }))))
  assert.equal(found.length, names.length * LOOKS)
  for (const { name, finalUrl, fault, scores, wrong } of found) {
    assert.equal(fault, null, name)
    assert.ok(finalUrl.includes(name), `${name} led to ${finalUrl}`)
    assert.deepEqual([scores['accessibility'], scores['best-practices']], [100, 100], `${name}:\n${wrong.join('\n')}`)
  }
  if (!isFull) return
  const slow: string[] = []
  for (const name of names) {
    const ofPage = found.filter((one) => one.name === name).toSorted((a, b) => (a.scores['performance'] ?? 0) - (b.scores['performance'] ?? 0))
    const middle = ofPage[(LOOKS - 1) / 2]
    const score = middle?.scores['performance'] ?? 0
    console.log(`  figure: ${name}: performance ${score} of ${ofPage.map((one) => one.scores['performance']).join(' ')}; the machine's index ${ofPage.map(({ machine }) => machine).join(' ')}`)
    if (score < (LEAST[name] ?? 100)) slow.push(`${name}: ${score}\n${middle?.wrong.join('\n')}`)
  }
  assert.deepEqual(slow, [])
})
