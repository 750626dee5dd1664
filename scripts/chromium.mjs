// Finds Chromium and what a journey needs beside it, or gets it from Debian's packages; says what to install where it can not.
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { canInstall, install } from './debian.mjs'

const places = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome', '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome']

/** Path of a Chromium that runs. `CHROMIUM` in the environment names another one. */
export async function ensureChromium () {
  const named = process.env.CHROMIUM
  if (named !== undefined && existsSync(named)) return named
  const found = places.find((path) => existsSync(path))
  if (found !== undefined) return found
  if (canInstall()) {
    install('the journeys', 'chromium', 'fonts-dejavu-core')
    if (existsSync(places[0])) return places[0]
  }
  console.error('The journeys need Chromium. Install it ("sudo apt-get install chromium"), or set CHROMIUM to its path.')
  process.exit(1)
}

/** Gets certutil, by which a journey has Chromium trust an authority; that journey says so itself where it is missing. */
export function ensureCertutil () {
  if (spawnSync('certutil', ['--help']).error !== undefined && canInstall()) install('the journeys', 'libnss3-tools')
}
