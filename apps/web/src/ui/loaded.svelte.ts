/**
 * Something a page shows once it has arrived. What was there stays on the page while it is asked for again, and
 * when that fails. An answer that a later question has overtaken is dropped.
 */
export function loaded<Value> (ask: () => Promise<Value>) {
  let value = $state.raw<Value | null>(null)
  let error = $state.raw<unknown>(null)
  let turn = 0

  async function load (): Promise<void> {
    const mine = ++turn
    try {
      const answer = await ask()
      if (mine !== turn) return
      value = answer
      error = null
    } catch (refusal) {
      if (mine === turn) error = refusal
    }
  }

  return {
    load,
    get value (): Value | null { return value },
    set value (next: Value | null) { value = next },
    get error (): unknown { return error }
  }
}
