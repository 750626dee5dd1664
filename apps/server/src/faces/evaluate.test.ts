import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { samplePhotos } from '../testing/photos.ts'
import { installedFaces } from '../testing/faces.ts'
import { evaluate, type Evaluation } from './evaluate.ts'
import { ListError, readPairs, readPhotos } from './pictures-list.ts'
import { openPool } from './pool.ts'
import { asPage, asText } from './report.ts'

const labels = join(import.meta.dirname, '../testing/sample-faces.csv')
let folder = ''
let installed = ''
before(async () => {
  folder = mkdtempSync(join(tmpdir(), 'oncekey-faces-'))
  installed = await installedFaces()
}, { timeout: 600_000 })
after(() => { rmSync(folder, { recursive: true, force: true }) })

async function evaluated (list: ReturnType<typeof readPhotos>): Promise<Evaluation> {
  const pool = openPool(installed, { workers: 1, longestMs: 60_000 })
  try {
    return await evaluate(pool, list)
  } finally {
    await pool.close()
  }
}

test('of 22 faces in six photos each pair is told right at the shipped threshold, and the same again the next time', { timeout: 120_000 }, async () => {
  const list = readPhotos(labels, samplePhotos)
  const evaluation = await evaluated(list)
  assert.deepEqual([evaluation.photos, evaluation.people, evaluation.noFace, evaluation.unreadable], [22, 20, [], []])
  assert.deepEqual([evaluation.all?.same, evaluation.all?.different], [2, 229])
  assert.deepEqual([evaluation.all?.shipped.fmr, evaluation.all?.shipped.fnmr], [0, 0])
  assert.deepEqual(await evaluated(list), evaluation)
})

test('the layout and the pairs of Labeled Faces in the Wild are read, and what can not be used is counted and named', { timeout: 120_000 }, async () => {
  const pairs = join(folder, 'pairs.txt')
  writeFileSync(pairs, '2\t1\nAnn_Bee\t1\t2\nAnn_Bee\t1\tCy_Dee\t3\n\nCy_Dee 3 4\nAnn_Bee 2 Cy_Dee 4\n')
  const { photos, pairs: read } = readPairs(folder, pairs)
  assert.deepEqual(photos.map(({ path }) => path.slice(folder.length + 1)), ['Ann_Bee/Ann_Bee_0001.jpg', 'Ann_Bee/Ann_Bee_0002.jpg', 'Cy_Dee/Cy_Dee_0003.jpg', 'Cy_Dee/Cy_Dee_0004.jpg'])
  assert.deepEqual(read.map(({ isSame, fold }) => [isSame, fold]), [[true, 0], [false, 0], [true, 1], [false, 1]])
  // Real photos in these places: which face is meant is known of each.
  const places = readPhotos(labels, samplePhotos).photos
  const of = (person: string): typeof places => places.filter((one) => one.person === person)
  const [a, b] = [of('p1-1'), of('p1-2')]
  writeFileSync(join(folder, 'text.jpg'), 'no picture')
  const evaluation = await evaluated({
    photos: [...a, ...b, { path: join(folder, 'text.jpg'), person: 'x', group: '', near: null }, { path: join(folder, 'gone.jpg'), person: 'x', group: '', near: null }],
    pairs: [{ a: 0, b: 1, isSame: true, fold: 0 }, { a: 0, b: 2, isSame: false, fold: 0 }, { a: 2, b: 3, isSame: true, fold: 1 }, { a: 1, b: 3, isSame: false, fold: 1 }]
  })
  assert.deepEqual([evaluation.pairs?.right, evaluation.pairs?.n, evaluation.pairs?.accuracy?.mean], [4, 4, 1])
  assert.deepEqual(evaluation.unreadable.map(({ path, why }) => [path.slice(folder.length + 1), why.split(':')[0]]).sort(), [['gone.jpg', 'There is no such file.'], ['text.jpg', 'That is no picture that can be read']])
})

test('a list that can not be used is refused with the line, and what would be right', () => {
  const file = (name: string, text: string): string => {
    writeFileSync(join(folder, name), text)
    return join(folder, name)
  }
  const refused = (read: () => unknown, needs: RegExp): void => { assert.throws(read, (error: Error) => error instanceof ListError && needs.test(error.message)) }
  refused(() => readPairs(folder, join(folder, 'none.txt')), /There is no .*none\.txt\. Name the file/)
  refused(() => readPairs(folder, file('a', 'hello\nx 1 2')), /Line 1 .* "10 300"/)
  refused(() => readPairs(folder, file('b', '10 300\nAnn 1 2\nAnn one 2')), /Line 3 .* is "Ann one 2"/)
  refused(() => readPairs(folder, file('c', '10 300\nAnn 1 2 3 4')), /Line 2/)
  refused(() => readPhotos(join(folder, 'none.csv')), /There is no/)
  refused(() => readPhotos(file('d.csv', 'path,who\na.jpg,Ann')), /Line 2 .* names no file/)
  refused(() => readPhotos(file('e.csv', 'file,person\na.jpg,')), /Line 2 .* names no person/)
  refused(() => readPhotos(file('f.csv', 'file,person,x,y\na.jpg,Ann,12,')), /px, or both empty/)
  refused(() => readPhotos(file('g.csv', 'file,person\na.jpg,Ann\nb.jpg,Ann')), /two people or more/)
  refused(() => readPhotos(file('h.csv', 'file,person\n"a.jpg,Ann')), /no list with commas/)
})

test('groups are told apart, and a report has neither a face nor a score of one', { timeout: 120_000 }, async () => {
  const list = readPhotos(labels, samplePhotos)
  const evaluation = await evaluated({ pairs: [], photos: list.photos.map((photo, i) => ({ ...photo, group: i % 2 === 0 ? 'one <b>' : 'two' })) })
  assert.deepEqual(evaluation.groups?.groups.map(({ group }) => group), ['one <b>', 'two'])
  assert.deepEqual([evaluation.groups?.worstFmr, evaluation.groups?.worstFnmr], [null, null])
  const report = { pack: 'default', models: { 'default/detect.onnx': 'ab' }, madeAt: '2026-01-01T00:00:00Z', evaluation, attacks: null }
  assert.match(asText(report), /At the shipped threshold 0\.42 +FMR 0\.0e\+0, FNMR 0\.00 %/)
  assert.match(asPage(report), /one &#60;b&#62;: false matches/)
  assert.ok(JSON.stringify(report).length < 30_000, 'rates and names, nothing else')
})
