/**
 * The client of Oncekey's HTTP API, for pages and programs alike. Every verb is one function named like its
 * feature; answers are typed by the server's own schemas; a refusal is a thrown ProblemError, silence an
 * OfflineError.
 *
 *     const client = createClient()
 *     const { digits } = await client.codes.issue({ accessPointId })
 */
export { createPageClient, type ClientOptions } from './client.ts'
export { demoVerbs } from './demo.ts'
export { explainVerbs } from './explain.ts'
export { factorVerbs } from './factors.ts'
export { guardVerbs } from './guard.ts'
export { mineVerbs } from './mine.ts'
export { operatorVerbs } from './operators.ts'
export { standingOrderVerbs } from './standing-orders.ts'
export { createClient, type Client } from './programs.ts'
export { OfflineError, ProblemError } from './errors.ts'
export type { Feed, FeedState, FeedTiming } from './feed.ts'
