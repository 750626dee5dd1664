import { OfflineError, ProblemError } from '@oncekey/client'
import { t, type TextKey } from '../texts/texts.svelte.ts'

/**
 * What happened and what to do, in the reader's language, for any error a call can throw. Words of our own by
 * the problem's code where we have them, else the server's.
 */
export function explain (error: unknown): string {
  if (error instanceof OfflineError) return t('problem.offline')
  if (error instanceof ProblemError) {
    const seconds = error.retryAfterSeconds
    if ((error.code === 'coolingDown' || error.code === 'tooManyTries') && seconds !== null) return t(`problem.${error.code}In`, { count: seconds })
    const ours: Partial<Record<string, TextKey>> = {
      signInNeeded: 'problem.signInNeeded', signInRefused: 'problem.signInRefused', setupLinkWrong: 'problem.setupLinkWrong',
      notAllowed: 'problem.notAllowed', noGrant: 'problem.noGrant', notFound: 'problem.notFound', alreadySetUp: 'problem.alreadySetUp',
      alreadyExists: 'problem.alreadyExists', lastOwner: 'problem.lastOwner', inUse: 'problem.inUse', controllerOffline: 'problem.controllerOffline',
      readerFull: 'problem.readerFull', claimCodeWrong: 'problem.claimCodeWrong', busy: 'problem.busy', storageFull: 'problem.storageFull',
      badRequest: 'problem.badRequest', tooManyTries: 'problem.tooManyTries', coolingDown: 'problem.coolingDown'
    }
    const key = ours[error.code]
    if (key) return t(key)
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
