import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { gzipSync } from 'node:zlib'
import { installedFaces } from '../testing/faces.ts'
import { damaged, installFaces } from './install.ts'
import type { Part } from './parts.ts'

let folder = ''
before(() => { folder = mkdtempSync(join(tmpdir(), 'oncekey-faces-')) })
after(() => { rmSync(folder, { recursive: true, force: true }) })

const hash = (kind: 'sha256' | 'sha512', bytes: Buffer | string, as: 'hex' | 'base64'): string => createHash(kind).update(bytes).digest(as)

/** A package of one file, and a program that gives it in place of npm. */
function shop (body: string, { npm = '' }: { npm?: string } = {}): { part: Part, npm: string[] } {
  const header = Buffer.alloc(512)
  header.write('package/a.bin', 0)
  header.write(body.length.toString(8).padStart(11, '0'), 124)
  header.write('0', 156)
  const padded = Buffer.alloc(512)
  padded.write(body)
  const packed = gzipSync(Buffer.concat([header, padded, Buffer.alloc(1024)]))
  const program = join(folder, `npm-${hash('sha256', body + npm, 'hex').slice(0, 8)}.mjs`)
  writeFileSync(program, npm || `import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
writeFileSync(join(process.argv.at(-1), 'a-1.0.0.tgz'), Buffer.from('${packed.toString('base64')}', 'base64'))
console.log(JSON.stringify([{ filename: 'a-1.0.0.tgz' }]))`)
  return {
    part: { name: 'a', version: '1.0.0', integrity: `sha512-${hash('sha512', packed, 'base64')}`, files: [{ from: 'a.bin', to: 'some/a.bin', sha256: hash('sha256', body, 'hex') }] },
    npm: [process.execPath, program]
  }
}

test('everything that is pinned can be had from the registry, once, and is what was pinned', { timeout: 600_000 }, async () => {
  const installed = await installedFaces()
  assert.deepEqual(damaged(installed), [])
  assert.equal(await installFaces(installed, { npm: ['there is no such program'] }), 0, 'nothing is asked of npm when all is there')
})

test('a file is put where it belongs, for nobody else to write, and told of', async () => {
  const { part, npm } = shop('one')
  const told: string[] = []
  const into = join(folder, 'put')
  assert.equal(await installFaces(into, { npm, wanted: [part], tell: (done, of, what) => { told.push(`${done}/${of} ${what}`) } }), 1)
  assert.equal(readFileSync(join(into, 'some/a.bin'), 'utf8'), 'one')
  assert.equal(statSync(join(into, 'some/a.bin')).mode & 0o777, 0o600)
  assert.deepEqual(told, ['0/1 a 1.0.0', '1/1 '])
})

test('a file that was changed on the disk, or is half there, is found and brought again', async () => {
  const { part, npm } = shop('two')
  const into = join(folder, 'changed')
  await installFaces(into, { npm, wanted: [part] })
  for (const body of ['twO', '']) {
    writeFileSync(join(into, 'some/a.bin'), body)
    assert.deepEqual(damaged(into, [part]), ['some/a.bin'])
    assert.equal(await installFaces(into, { npm, wanted: [part] }), 1)
    assert.deepEqual(damaged(into, [part]), [])
  }
})

test('another package than the one that is pinned is refused, and so is another file in it; nothing is put', async () => {
  const { part, npm } = shop('three')
  const into = join(folder, 'foreign')
  await assert.rejects(installFaces(into, { npm, wanted: [{ ...part, integrity: 'sha512-AAAA' }] }), /is not the package that this version/)
  await assert.rejects(installFaces(into, { npm, wanted: [{ ...part, files: [{ from: 'a.bin', to: 'some/a.bin', sha256: '00' }] }] }), /is not what is pinned/)
  assert.equal(existsSync(join(into, 'some')), false)
})

test('without npm, and when npm fails, somebody is told what to do', async () => {
  const { part } = shop('four')
  await assert.rejects(installFaces(join(folder, 'none'), { npm: [join(folder, 'no-such-program')], wanted: [part] }), /npm can not be run .* copy the folder/s)
  const failing = shop('five', { npm: "console.error('npm error network unreachable'); process.exit(1)" })
  await assert.rejects(installFaces(join(folder, 'none'), { npm: failing.npm, wanted: [failing.part] }), /exit code 1\): npm error network unreachable Look at the network/)
})
