import { OfflineError, ProblemError } from '@oncekey/client'
import { knows, t } from '../texts/texts.svelte.ts'

/**
 * What happened and what to do, in the reader's language, for any error a call can throw. Words of our own by
 * the problem's code where we have them, else the server's.
 */
export function explain (error: unknown): string {
  if (error instanceof OfflineError) return t('problem.offline')
  if (error instanceof ProblemError) {
    const seconds = error.retryAfterSeconds
    if ((error.code === 'coolingDown' || error.code === 'tooManyTries') && seconds !== null) return t(`problem.${error.code}In`, { count: seconds })
    const key = `problem.${error.code}`
    // What broke on our side is told with its number, below.
    if (error.code !== 'defect' && knows(key)) return t(key)
    if (error.instance) return t('problem.defect', { instance: error.instance })
    return `${error.title} ${error.cure}`
  }
  return t('problem.here')
}

/** What the server wants of each field, by the field's name; empty when the refusal is not about fields. */
export function fieldErrors (error: unknown): Readonly<Record<string, string>> {
  if (!(error instanceof ProblemError)) return {}
  return Object.fromEntries(error.errors.map(each => [each.field.replace(/^\//, '').replaceAll('/', '.'), each.needs]))
}
