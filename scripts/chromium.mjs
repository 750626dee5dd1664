// Finds Chromium and what a journey needs beside it, or gets it from Debian's packages; says what to install where it can not.
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { canInstall, install } from './debian.mjs'

/** The same Chromium without the windows, tabs and tool bars that nobody sees here: a third less work for each journey. */
const shell = '/usr/bin/chromium-headless-shell'
const places = [shell, '/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome', '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome']

/** Path of a Chromium that is there. `CHROMIUM` in the environment names another one. */
export function findChromium () {
  return [process.env.CHROMIUM ?? '', ...places].find((path) => existsSync(path))
}

/** The same, installed when need be and possible. */
export async function ensureChromium () {
  if (process.env.CHROMIUM === undefined && !existsSync(shell) && canInstall()) install('the journeys', 'chromium-headless-shell', 'fonts-dejavu-core')
  // A Debian or Ubuntu that does not have the shell alone.
  if (findChromium() === undefined && canInstall()) install('the journeys', 'chromium', 'fonts-dejavu-core')
  const path = findChromium()
  if (path !== undefined) return path
  console.error('The journeys need Chromium. Install it ("sudo apt-get install chromium-headless-shell"), or set CHROMIUM to its path.')
  process.exit(1)
}

/** Gets pdftoppm, by which a journey looks at what a printer would get; that journey says so itself where it is missing. */
export function ensurePdftoppm () {
  if (spawnSync('pdftoppm', ['-v']).error !== undefined && canInstall()) install('the journeys', 'poppler-utils')
}

/** Gets certutil, by which a journey has Chromium trust an authority; that journey says so itself where it is missing. */
export function ensureCertutil () {
  if (spawnSync('certutil', ['--help']).error !== undefined && canInstall()) install('the journeys', 'libnss3-tools')
}
