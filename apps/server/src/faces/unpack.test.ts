import assert from 'node:assert/strict'
import { test } from 'node:test'
import { gzipSync } from 'node:zlib'
import { unpack } from './unpack.ts'

type Entry = { path: string, body?: string, kind?: string, prefix?: string, size?: string }

function tar (entries: readonly Entry[]): Buffer {
  const blocks = entries.flatMap(({ path, body = '', kind = '0', prefix = '', size }) => {
    const header = Buffer.alloc(512)
    header.write(path, 0)
    header.write(size ?? body.length.toString(8).padStart(11, '0'), 124)
    header.write(kind, 156)
    header.write(prefix, 345)
    const padded = Buffer.alloc(Math.ceil(body.length / 512) * 512)
    padded.write(body)
    return [header, padded]
  })
  return gzipSync(Buffer.concat([...blocks, Buffer.alloc(1024)]))
}

test('files that are wanted come out of a package, whatever else is in it', () => {
  const packed = tar([{ path: 'package/package.json', body: '{}' }, { path: 'package/model/a.onnx', body: 'x'.repeat(700) }, { path: 'package/evil', kind: '2' }, { path: 'deep/b.txt', prefix: 'package/very', body: 'b' }])
  const found = unpack(packed, ['model/a.onnx', 'very/deep/b.txt'])
  assert.equal(found.get('model/a.onnx')?.length, 700)
  assert.equal(String(found.get('very/deep/b.txt')), 'b')
  assert.equal(found.size, 2)
})

test('a link is no file, whatever it is called', () => {
  assert.throws(() => unpack(tar([{ path: 'package/a', kind: '2' }]), ['a']), /has no a\./)
})

test('a package that is damaged, or that is none, is refused in words', () => {
  assert.throws(() => unpack(tar([{ path: 'package/a', body: 'a' }]), ['a', 'b', 'c']), /has no b, c\./)
  assert.throws(() => unpack(tar([{ path: 'package/a', size: '77777777777' }]), ['a']), /damaged/)
  assert.throws(() => unpack(tar([{ path: 'package/a', size: 'what is it?' }]), ['a']), /damaged/)
  assert.throws(() => unpack(Buffer.from('no gzip at all'), ['a']))
})
