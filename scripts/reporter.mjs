// A quiet reporter for node:test: a line per file, every failure in full, coverage that is missing, and the sum.
import { relative } from 'node:path'
import { inspect } from 'node:util'

export default async function * report (source) {
  const files = new Map()
  const failures = []
  let passed = 0
  let failed = 0
  let skipped = 0
  for await (const { type, data } of source) {
    if (type === 'test:pass' || type === 'test:fail') {
      if (data.details?.type === 'suite') continue
      const file = relative(process.cwd(), data.file ?? '')
      const count = files.get(file) ?? { passed: 0, failed: 0 }
      files.set(file, count)
      if (data.skip !== undefined || data.todo !== undefined) {
        skipped++
        failures.push(`skipped: ${file}: ${data.name}`)
      } else if (type === 'test:pass') {
        passed++
        count.passed++
      } else {
        failed++
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
  for (const [file, count] of [...files].sort()) yield `  ${String(count.passed).padStart(5)} ${count.failed === 0 ? '' : `(${count.failed} failed) `}${file}\n`
  for (const failure of failures) yield `\n${failure}\n`
  yield `\n${passed} passed, ${failed} failed, ${skipped} skipped\n`
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
