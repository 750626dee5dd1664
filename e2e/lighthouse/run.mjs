// Looks at pages with Lighthouse in a Chromium of its own. `node run.mjs CHROMIUM PROFILE JOBS`, where JOBS is JSON:
// [{ name, url, cookie, categories }]; a JSON line per job: scores from 0 to 100, and what is not perfect.
import { launch } from 'chrome-launcher'
import lighthouse from 'lighthouse'

const [chromePath, userDataDir, jobs] = process.argv.slice(2)
const chrome = await launch({
  chromePath, userDataDir, logLevel: 'silent',
  chromeFlags: ['--headless', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync', ...(process.getuid?.() === 0 ? ['--no-sandbox'] : [])]
})
try {
  for (const { name, url, cookie, categories } of JSON.parse(jobs)) {
    const { lhr } = await lighthouse(url, {
      port: chrome.port, logLevel: 'error', output: 'json', onlyCategories: categories, formFactor: 'mobile', throttlingMethod: 'simulate',
      // Pages listen for what happens as long as they are open: the network is never quiet.
      disableStorageReset: true, maxWaitForLoad: 8000, ...(cookie === null ? {} : { extraHeaders: { Cookie: cookie } })
    })
    const scores = Object.fromEntries(Object.values(lhr.categories).map(({ id, score }) => [id, Math.round((score ?? 0) * 100)]))
    const weighed = Object.values(lhr.categories).flatMap(({ auditRefs }) => auditRefs.filter(({ weight }) => weight > 0).map(({ id }) => id))
    const wrong = weighed.filter((id) => lhr.audits[id]?.score !== null && lhr.audits[id].score < 1)
      .map((id) => `${id}: ${lhr.audits[id].displayValue ?? lhr.audits[id].title} ${JSON.stringify(lhr.audits[id].details?.items ?? []).slice(0, 300)}`)
    console.log(JSON.stringify({ name, finalUrl: lhr.finalDisplayedUrl, fault: lhr.runtimeError?.message ?? null, scores, wrong, machine: Math.round(lhr.environment.benchmarkIndex) }))
  }
} finally {
  chrome.kill()
}
