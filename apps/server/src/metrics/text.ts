/**
 * Prometheus' text format 0.0.4 (https://prometheus.io/docs/instrumenting/exposition_formats/): counters and histograms that count in
 * memory, and lines of what is measured when it is asked for. Some eighty lines; a library would bring more code than that, and a
 * registry of its own for the whole process, where two houses in one process are to share nothing.
 */
export type Labels = Readonly<Record<string, string>>

export type Counter = { add: (labels?: Labels) => void, of: (labels: Labels) => () => void, text: () => string }
/** `of`: what notes seconds under these labels; kept by whoever notes often, for to find it costs more than to note. */
export type Histogram = { of: (labels: Labels) => (seconds: number) => void, text: () => string }

/** Made-up values of a label cost memory here and in Prometheus: what comes beyond so many is counted together. */
const MOST_SERIES = 500

export function counter (name: string, help: string): Counter {
  const series = new Map<string, { value: number }>()
  const of = (labels: Labels): () => void => {
    const key = keyIn(series, labels)
    const one = series.get(key) ?? { value: 0 }
    series.set(key, one)
    return () => { one.value++ }
  }
  return { of, add (labels = {}) { of(labels)() }, text: () => head(name, help, 'counter') + [...series].map(([labels, { value }]) => `${name}${labels} ${value}\n`).join('') }
}

/** `bounds`: upper ends of its buckets, rising; seconds. */
export function histogram (name: string, help: string, bounds: readonly number[]): Histogram {
  const series = new Map<string, { counts: number[], sum: number, count: number }>()
  return {
    of (labels) {
      const key = keyIn(series, labels)
      const one = series.get(key) ?? { counts: bounds.map(() => 0), sum: 0, count: 0 }
      series.set(key, one)
      return (seconds) => {
        one.sum += seconds
        one.count++
        const place = bounds.findIndex((bound) => seconds <= bound)
        if (place >= 0) one.counts[place] = (one.counts[place] ?? 0) + 1
      }
    },
    text () {
      const lines = [...series].map(([labels, { counts, sum, count }]) => {
        const within = (bound: string): string => labels === '' ? `{le="${bound}"}` : `${labels.slice(0, -1)},le="${bound}"}`
        let below = 0
        const buckets = bounds.map((bound, i) => `${name}_bucket${within(String(bound))} ${below += counts[i] ?? 0}\n`)
        return `${buckets.join('')}${name}_bucket${within('+Inf')} ${count}\n${name}_sum${labels} ${sum}\n${name}_count${labels} ${count}\n`
      })
      return head(name, help, 'histogram') + lines.join('')
    }
  }
}

/** What is so now. */
export function gauge (name: string, help: string, values: readonly { labels?: Labels, value: number }[], type: 'gauge' | 'counter' = 'gauge'): string {
  return head(name, help, type) + values.map(({ labels = {}, value }) => `${name}${written(labels)} ${value}\n`).join('')
}

function keyIn (series: ReadonlyMap<string, unknown>, labels: Labels): string {
  const key = written(labels)
  return series.has(key) || series.size < MOST_SERIES ? key : written(Object.fromEntries(Object.keys(labels).map((name) => [name, 'other'])))
}

function head (name: string, help: string, type: string): string {
  return `# HELP ${name} ${help}\n# TYPE ${name} ${type}\n`
}

function written (labels: Labels): string {
  const each = Object.entries(labels).map(([name, value]) => `${name}="${value.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n')}"`)
  return each.length === 0 ? '' : `{${each.join(',')}}`
}
