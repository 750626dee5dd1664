/**
 * `npm run bench`: what Oncekey costs, each figure beside that of a bare peer in the same run. One JSON line per
 * figure on standard output, a table on standard error.
 */
import { startUp } from './start-up.ts'
import { trip } from './trip.ts'

for (const bench of [startUp, trip]) {
  for (const figure of await bench()) {
    console.log(JSON.stringify(figure))
    console.error(`${figure.name.padEnd(34)} ${String(figure.ours).padStart(8)} ${figure.unit}   ${figure.ratio.toFixed(2)} x ${figure.peerIs} (${figure.peer} ${figure.unit})`)
  }
}
