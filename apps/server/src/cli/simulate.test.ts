import assert from 'node:assert/strict'
import { test } from 'node:test'
import { run } from './run.ts'
import { simulate } from './simulate.ts'

test('oncekey simulate is the simulator of the clone, with its own words; where there is none it says where', async (t) => {
  const printed: string[] = []
  const said: string[] = []
  t.mock.method(console, 'log', (line: string) => { printed.push(line) })
  t.mock.method(console, 'error', (line: string) => { said.push(line) })
  assert.equal(await run(['simulate', '--help']), 0)
  assert.match(printed.join('\n'), /Doors without hardware[\s\S]*--identity FILE/)
  assert.equal(await run(['simulate', '--count', 'many']), 2)
  assert.equal(await simulate([], '/nowhere/cli.ts'), 1)
  assert.match(said.at(-1) ?? '', /not in this installation.*npm run simulate/)
})
