import type { House } from '../house.ts'
import type { App } from '../platform/http.ts'
import { countRow, countsOf } from './count.ts'
import { readMetrics, stopReading } from './read.ts'

/** GET /metrics, for Prometheus and whatever reads its format, by a key of the scope `metrics`. */
export function metricsRoutes (app: App, house: House): void {
  const counts = countsOf(house)
  house.audit.onCommitted((row) => { countRow(counts, row) })
  const notes = new Map<string, (seconds: number) => void>()
  const classes = ['1xx', '2xx', '3xx', '4xx', '5xx'].map((status) => counts.answers.of({ status }))
  app.addHook('onResponse', (request, reply, done) => {
    // The route as we wrote it: an address could hold anything, and there are as many as somebody likes.
    const { url: route = 'none' } = request.routeOptions
    const known = notes.get(request.method + route)
    const note = known ?? counts.requests.of({ method: request.method, route })
    if (known === undefined) notes.set(request.method + route, note)
    note(reply.elapsedTime / 1000)
    classes[Math.floor(reply.statusCode / 100) - 1]?.()
    done()
  })
  app.addHook('onClose', async () => { stopReading(house) })

  app.get('/metrics', {
    config: { audience: 'key:metrics' },
    schema: { tags: ['health'], summary: 'What this process has counted and measures, in the text format of Prometheus', description: 'Never a name, an address or an id. Each process has its own.' }
  }, async (_request, reply) => reply.type('text/plain; version=0.0.4; charset=utf-8').send(await readMetrics(house)))
}
