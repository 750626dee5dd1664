import { freshBudget, type Budget } from '../budget.ts'
import { put, type Change, type CodeName, type Facts, type LiveCode, type Look, type SpentCode, type SpentReason, type Store } from '../store.ts'

/** A store in the memory of one process: for tests, demonstrations and programs that may forget everything at their end. */
export function memoryStore (): Store<'sync'> {
  const scopes = new Map<string, Scope>()

  return {
    mode: 'sync',
    change (look, decide, question) {
      const scope = find(scopes, look) ?? newScope(look)
      const facts = factsOf(scope, look)
      const { changes, result } = decide(facts, put(question, facts))
      for (const change of changes) apply(scope, change)
      // Only now, and only when something was kept: a decision that throws or writes nothing leaves no trace.
      if (changes.length > 0) scopes.set(keyOf(look), scope)
      return result
    },
    read (look, view) {
      return view(factsOf(find(scopes, look) ?? newScope(look), look))
    },
    kept ({ tenant, scopes: asked }) {
      return asked.filter(scope => scopes.has(keyOf({ tenant, scope })))
    },
    revokeSlots ({ tenant, slotPrefix, now }) {
      return everyCode(scopes, tenant)
        .filter(([, code]) => code.slot.startsWith(slotPrefix))
        .map(([scope, code]) => spend(scope, code, 'revoked', now))
    },
    sweep ({ tenant, now, spentBefore, limit }) {
      const expired = everyCode(scopes, tenant)
        .filter(([, code]) => code.expiresAt <= now)
        .sort(([, a], [, b]) => a.expiresAt - b.expiresAt)
        .slice(0, limit)
        .map(([scope, code]) => spend(scope, code, 'expired', now))
      let forgotten = 0
      let forgottenScopes = 0
      for (const [key, scope] of scopes) {
        if (scope.tenant !== tenant) continue
        const old = scope.spent.filter(code => code.at < spentBefore).slice(0, limit - forgotten)
        forgotten += old.length
        scope.spent = scope.spent.filter(code => !old.includes(code))
        if (scope.live.size > 0 || scope.spent.length > 0 || scope.forgetAt > now || forgottenScopes === limit) continue
        scopes.delete(key)
        forgottenScopes++
      }
      return { expired, forgotten, scopes: forgottenScopes }
    }
  }
}

type Scope = {
  readonly tenant: string
  readonly scope: string
  generation: number
  budget: Budget
  forgetAt: number
  readonly live: Map<string, LiveCode>
  /** Newest last. */
  spent: SpentCode[]
}

function keyOf ({ tenant, scope }: { tenant: string, scope: string }): string {
  return `${tenant}\n${scope}`
}

function find (scopes: Map<string, Scope>, look: Look): Scope | undefined {
  return scopes.get(keyOf(look))
}

function newScope ({ tenant, scope }: Look): Scope {
  return { tenant, scope, generation: 0, budget: freshBudget, forgetAt: 0, live: new Map(), spent: [] }
}

function factsOf (scope: Scope, { hashes = [], slot, id, all = false, countAfter = Infinity }: Look): Facts {
  const codes = [...scope.live.values()]
  return {
    generation: scope.generation,
    budget: scope.budget,
    forgetAt: scope.forgetAt,
    codes: codes.filter(code => all || code.slot === slot || code.id === id || hashes.includes(code.hash)),
    spent: scope.spent.filter(code => all || hashes.includes(code.hash)).reverse(),
    live: codes.filter(code => code.expiresAt > countAfter).length
  }
}

function apply (scope: Scope, change: Change): void {
  switch (change.do) {
    case 'addCode': scope.live.set(change.code.id, change.code); break
    case 'spendCode': spend(scope, change.code, change.reason, change.at); break
    case 'keepScope':
      scope.generation = change.generation
      scope.budget = change.budget
      scope.forgetAt = change.forgetAt
  }
}

function spend (scope: Scope, { id, slot, data, hash, generation }: LiveCode, reason: SpentReason, at: number): CodeName {
  scope.live.delete(id)
  scope.spent.push({ id, hash, generation, reason, at })
  return { id, scope: scope.scope, slot, data }
}

function everyCode (scopes: Map<string, Scope>, tenant: string): [Scope, LiveCode][] {
  return [...scopes.values()].filter(scope => scope.tenant === tenant)
    .flatMap(scope => [...scope.live.values()].map((code): [Scope, LiveCode] => [scope, code]))
}
