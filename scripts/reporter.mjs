// A quiet reporter for node:test: a line per file, every failure in full, coverage that is missing, and the sum.
import { relative } from 'node:path'
import { inspect } from 'node:util'

export function newTally () {
  return { passed: 0, failed: 0, skipped: 0, skips: [], failures: [], files: new Map() }
}

/** Counts in `tally` what the tests tell, and yields what is to be seen at once. */
export async function * follow (source, tally) {
  const { files, failures } = tally
  for await (const { type, data } of source) {
    if (type === 'test:pass' || type === 'test:fail') {
      if (data.details?.type === 'suite') continue
      const file = relative(process.cwd(), data.file ?? '')
      const count = files.get(file) ?? { passed: 0, failed: 0 }
      files.set(file, count)
      if (data.skip !== undefined || data.todo !== undefined) {
        tally.skipped++
        tally.skips.push(`skipped: ${file}: ${data.name}`)
      } else if (type === 'test:pass') {
        tally.passed++
        count.passed++
      } else {
        tally.failed++
        count.failed++
        failures.push(`${file}:${data.line}: ${data.name}\n${inspect(data.details.error?.cause ?? data.details.error, { depth: 6 })}`)
        yield `  failed: ${file}: ${data.name}\n`
      }
    }
    if (type === 'test:stdout' || type === 'test:stderr') yield data.message
    if (type === 'test:coverage') yield * coverage(data.summary)
    if (type === 'test:diagnostic' && data.level === 'error') {
      failures.push(data.message)
      yield `  ${data.message}\n`
    }
  }
}

export default async function * report (source) {
  const tally = newTally()
  yield * follow(source, tally)
  for (const [file, count] of [...tally.files].sort()) yield `  ${String(count.passed).padStart(5)} ${count.failed === 0 ? '' : `(${count.failed} failed) `}${file}\n`
  for (const text of [...tally.skips, ...tally.failures]) yield `\n${text}\n`
  yield `\n${tally.passed} passed, ${tally.failed} failed, ${tally.skipped} skipped\n`
}

function * coverage ({ files, totals, workingDirectory }) {
  for (const file of files) {
    if (file.coveredBranchPercent === 100 && file.coveredLinePercent === 100 && file.coveredFunctionPercent === 100) continue
    const lines = file.lines.filter((one) => one.count === 0).map((one) => one.line)
    const branches = file.branches.filter((one) => one.count === 0).map((one) => one.line)
    yield `  not covered: ${relative(workingDirectory, file.path)} lines ${lines.join(' ') || '-'}, branches at ${branches.join(' ') || '-'}\n`
  }
  yield `  coverage of ${files.length} files: lines ${totals.coveredLinePercent.toFixed(2)} %, branches ${totals.coveredBranchPercent.toFixed(2)} % (${totals.coveredBranchCount} of ${totals.totalBranchCount}), functions ${totals.coveredFunctionPercent.toFixed(2)} %\n`
}
