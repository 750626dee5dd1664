import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { installedFaces } from '../testing/faces.ts'
import { samplePhotos } from '../testing/photos.ts'

const program = join(import.meta.dirname, '../../bin/oncekey.mjs')
const labels = join(import.meta.dirname, '../testing/sample-faces.csv')
let folder = ''
before(async () => {
  folder = mkdtempSync(join(tmpdir(), 'oncekey-faces-'))
  symlinkSync(await installedFaces(), join(folder, 'faces'))
}, { timeout: 600_000 })
after(() => { rmSync(folder, { recursive: true, force: true }) })

function oncekey (...words: string[]): { status: number | null, stdout: string, stderr: string } {
  return spawnSync(process.execPath, [program, 'faces', ...words], { encoding: 'utf8', env: { PATH: process.env['PATH'] } })
}

test('faces are installed once, and the second time nothing is brought', () => {
  const { status, stdout } = oncekey('install', '--data-dir', folder)
  assert.equal(status, 0)
  assert.match(stdout, /^All was there already: 24 files, \d+ MB in .*faces, each as it was pinned\.\nFaces stay off/)
})

test('photos of known people become a report as text, JSON and a page, with progress', { timeout: 120_000 }, () => {
  const [json, html] = [join(folder, 'report.json'), join(folder, 'report.html')]
  const { status, stdout, stderr } = oncekey('evaluate', samplePhotos, '--csv', labels, '--data-dir', folder, '--workers', '1', '--json', json, '--html', html)
  assert.equal(status, 0, stderr)
  assert.match(stdout, /Photos +22 of 20 people/)
  assert.match(stdout, /At the shipped threshold 0\.42 +FMR 0\.0e\+0, FNMR 0\.00 %/)
  assert.match(stderr, /22 of 22, [\d.]+ a second, 0 s to go/)
  const report = JSON.parse(readFileSync(json, 'utf8'))
  assert.deepEqual([report.pack, report.evaluation.all.same, Object.keys(report.models).length], ['default', 2, 5])
  assert.match(readFileSync(html, 'utf8'), /<svg .*polyline/s)
})

test('words that make no sense, and what is missing, are answered with the cure', () => {
  for (const words of [[], ['install', 'extra'], ['evaluate'], ['attack', 'extra'], ['nothing'], ['install', '--nothing']]) {
    const { status, stderr } = oncekey(...words)
    assert.equal(status, 2, words.join(' '))
    assert.match(stderr, /Usage: oncekey faces install/)
  }
  const empty = join(folder, 'empty')
  assert.deepEqual([oncekey('evaluate', '--csv', labels, samplePhotos, '--data-dir', empty)].map(({ status, stderr }) => [status, /Run "oncekey faces install" first/.test(stderr)]), [[1, true]])
  assert.match(oncekey('attack', '--each', '0', '--data-dir', folder).stderr, /--each is a number from 1 on; "0" is not/)
  assert.match(oncekey('evaluate', folder, '--data-dir', folder).stderr, /There is no .*pairs\.txt\. Name the file of pairs with --pairs/)
})
