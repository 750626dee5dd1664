import type { CodeName, LiveCode, SpentReason, Store } from '../store.ts'
import { put } from '../store.ts'
import { after, nothing, seenBy, type Whole } from './whole.ts'

/** A store in the memory of one process: for tests, demonstrations and programs that may forget everything at their end. */
export function memoryStore (): Store<'sync'> {
  const scopes = new Map<string, Scope>()

  const wholeOf = (name: { tenant: string, scope: string }): Whole => scopes.get(keyOf(name))?.whole ?? nothing
  const spend = (key: string, { tenant, scope, whole }: Scope, code: LiveCode, reason: SpentReason, at: number): CodeName => {
    scopes.set(key, { tenant, scope, whole: after(whole, [{ do: 'spendCode', code, reason, at }]) })
    return { id: code.id, scope, slot: code.slot, data: code.data }
  }
  const spendAll = (tenant: string, isMeant: (code: LiveCode) => boolean, limit: number, reason: SpentReason, at: number): CodeName[] => [...scopes]
    .flatMap(([key, { tenant: its, whole }]) => its === tenant ? whole.codes.filter(isMeant).map(code => ({ key, code })) : [])
    .sort((a, b) => a.code.expiresAt - b.code.expiresAt)
    .slice(0, limit)
    .map(({ key, code }) => spend(key, scopes.get(key)!, code, reason, at))

  return {
    mode: 'sync',
    change (look, decide, question) {
      const whole = wholeOf(look)
      const facts = seenBy(look, whole)
      const { changes, result } = decide(facts, put(question, facts))
      // Only now, and only when something was kept: a decision that throws or writes nothing leaves no trace.
      if (changes.length > 0) scopes.set(keyOf(look), { tenant: look.tenant, scope: look.scope, whole: after(whole, changes) })
      return result
    },
    read (look, view) {
      return view(seenBy(look, wholeOf(look)))
    },
    kept ({ tenant, scopes: asked }) {
      return asked.filter(scope => scopes.has(keyOf({ tenant, scope })))
    },
    revokeSlots ({ tenant, slotPrefix, now }) {
      return spendAll(tenant, code => code.slot.startsWith(slotPrefix), Infinity, 'revoked', now)
    },
    sweep ({ tenant, now, spentBefore, limit }) {
      const expired = spendAll(tenant, code => code.expiresAt <= now, limit, 'expired', now)
      let forgotten = 0
      let forgottenScopes = 0
      for (const [key, one] of scopes) {
        if (one.tenant !== tenant) continue
        const old = one.whole.spent.filter(code => code.at < spentBefore).slice(0, limit - forgotten)
        forgotten += old.length
        const whole = { ...one.whole, spent: one.whole.spent.filter(code => !old.includes(code)) }
        scopes.set(key, { ...one, whole })
        if (whole.codes.length > 0 || whole.spent.length > 0 || whole.forgetAt > now || forgottenScopes === limit) continue
        scopes.delete(key)
        forgottenScopes++
      }
      return { expired, forgotten, scopes: forgottenScopes }
    }
  }
}

type Scope = { readonly tenant: string, readonly scope: string, readonly whole: Whole }

function keyOf ({ tenant, scope }: { tenant: string, scope: string }): string {
  return `${tenant}\n${scope}`
}
