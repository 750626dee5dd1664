import type { Share, Worst } from '@oncekey/vision'
import type { AttackReport } from './attack.ts'
import type { Comparisons, Evaluation } from './evaluate.ts'

/** What is told of an evaluation, an attack suite, or both. `pack`: whose models, and their SHA-256. */
export type Report = { pack: string, models: Record<string, string>, madeAt: string, evaluation: Evaluation | null, attacks: AttackReport | null }

const percent = (share: number, digits = 2): string => `${(share * 100).toFixed(digits)} %`
const between = ({ share, low, high, n }: Share): string => n === 0 ? 'no comparisons' : `${percent(share)} (${percent(low)} to ${percent(high)}, of ${n})`

/** Titles and lines: what a person reads, on a terminal or a page. */
export function linesOf ({ pack, evaluation, attacks }: Report): { title: string, rows: [string, string][] }[] {
  const parts: { title: string, rows: [string, string][] }[] = []
  if (evaluation !== null) {
    const { photos, people, noFace, unreadable, pairs, all, groups } = evaluation
    parts.push({ title: `Photos, pack "${pack}"`, rows: [['Photos', `${photos} of ${people} people`], ['Without a face', String(noFace.length)], ['Not readable', String(unreadable.length)]] })
    if (pairs !== null) {
      const { n, accuracy, right } = pairs
      parts.push({ title: 'Pairs of the file', rows: [['Right at the shipped threshold', `${right} of ${n} (${percent(right / n)})`], ...accuracy === null ? [] : [['Accuracy over folds', `${percent(accuracy.mean)} ± ${percent(accuracy.deviation)}`] as [string, string]], ...rowsOf(pairs.comparisons)] })
    }
    if (all !== null) parts.push({ title: 'Every photo with every other', rows: rowsOf(all) })
    if (groups !== null) {
      const worst = (name: string, one: Worst | null): [string, string] => [name, one === null ? 'none came out wrong' : `${one.group}, ${one.ratio.toFixed(2)} times all together`]
      parts.push({ title: 'By group, at the shipped threshold (in brackets: 95 of 100 draws)', rows: [...groups.groups.flatMap(({ group, fmr, fnmr }): [string, string][] => [[`${group}: false matches`, between(fmr)], [`${group}: false non-matches`, between(fnmr)]]), worst('Most false matches', groups.worstFmr), worst('Most false non-matches', groups.worstFnmr)] })
    }
  }
  if (attacks !== null) {
    parts.push({
      title: 'Attacks (after the method of ISO/IEC 30107-3, not certified; made, not filmed)',
      rows: [...attacks.kinds.map(({ kind, n, accepted }): [string, string] => [`${kind}: APCER`, `${percent(accepted / n)} (${accepted} of ${n} let through)`]), ['People who did what was asked: BPCER', `${percent(1 - attacks.bonaFide.accepted / attacks.bonaFide.n)} (${attacks.bonaFide.n - attacks.bonaFide.accepted} of ${attacks.bonaFide.n} had to try again)`]]
    })
  }
  return parts
}

function rowsOf ({ same, different, equalError, atFmr, shipped }: Comparisons): [string, string][] {
  return [
    ['Comparisons', `${same} of one person, ${different} of two`],
    ['Equal error rate', `${percent((equalError.fmr + equalError.fnmr) / 2, 3)} at ${equalError.threshold.toFixed(3)}`],
    ...atFmr.map(({ fmr, threshold, tar }): [string, string] => [`True accepts at FMR ${fmr}`, `${percent(tar)} at ${threshold.toFixed(3)}`]),
    [`At the shipped threshold ${shipped.threshold}`, `FMR ${shipped.fmr.toExponential(1)}, FNMR ${percent(shipped.fnmr)}`]
  ]
}

export function asText (report: Report): string {
  return linesOf(report).map(({ title, rows }) => `${title}\n${rows.map(([name, value]) => `  ${name.padEnd(40)} ${value}`).join('\n')}`).join('\n\n')
}

/** One page that needs nothing else. */
export function asPage (report: Report): string {
  const escaped = (text: string): string => text.replace(/[&<>"]/g, (one) => `&#${one.charCodeAt(0)};`)
  const curves = [['Pairs of the file', report.evaluation?.pairs?.comparisons], ['Every photo with every other', report.evaluation?.all]] as const
  return `<!doctype html>
<html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>Faces: report</title>
<style>:root{color-scheme:light dark;font:16px/1.5 system-ui}body{max-width:60rem;margin:2rem auto;padding:0 1rem}table{border-collapse:collapse;width:100%}th,td{text-align:start;padding:.25rem .5rem;border-bottom:1px solid #8884;vertical-align:top}th{font-weight:500;width:45%}svg{width:100%;max-width:32rem;height:auto}svg text{font-size:11px;fill:currentColor}code{overflow-wrap:anywhere}</style>
<h1>Faces: report</h1><p>Made ${escaped(report.madeAt)}. Rates are shares of comparisons; no photo, face or single score is in this page.</p>
${linesOf(report).map(({ title, rows }) => `<h2>${escaped(title)}</h2><table>${rows.map(([name, value]) => `<tr><th scope="row">${escaped(name)}<td>${escaped(value)}`).join('')}</table>`).join('\n')}
${curves.map(([title, comparisons]) => comparisons ? `<h2>ROC: ${escaped(title)}</h2>${drawing(comparisons)}` : '').join('\n')}
<h2>Models</h2><table>${Object.entries(report.models).map(([name, sum]) => `<tr><th scope="row">${escaped(name)}<td><code>${escaped(sum)}</code>`).join('')}</table></html>
`
}

const LEAST_FMR = 1e-6

/** True accepts by false matches, the latter by tens. */
function drawing ({ curve }: Comparisons): string {
  const x = (fmr: number): number => 40 + (Math.log10(Math.max(LEAST_FMR, fmr)) + 6) / 6 * 340
  const y = (fnmr: number): number => 10 + fnmr * 220
  const ticks = [-6, -5, -4, -3, -2, -1, 0]
  return `<svg viewBox="0 0 400 265" role="img" aria-label="True accepts by false matches">${ticks.map((power) => `<line x1="${x(10 ** power)}" x2="${x(10 ** power)}" y1="10" y2="230" stroke="currentColor" opacity=".15"/><text x="${x(10 ** power)}" y="246" text-anchor="middle">1e${power}</text>`).join('')}${[0, 0.25, 0.5, 0.75, 1].map((share) => `<line x1="40" x2="380" y1="${y(share)}" y2="${y(share)}" stroke="currentColor" opacity=".15"/><text x="34" y="${y(share) + 4}" text-anchor="end">${(1 - share) * 100} %</text>`).join('')}<text x="210" y="262" text-anchor="middle">false match rate</text><polyline fill="none" stroke="#0f766e" stroke-width="2" points="${curve.map(({ fmr, fnmr }) => `${x(fmr).toFixed(1)},${y(fnmr).toFixed(1)}`).join(' ')}"/></svg>`
}
