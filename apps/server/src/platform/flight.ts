/**
 * Watches the queries of one write at a time. A write awaits queries and nothing else, and has awaited all of them when
 * it ends: one that waits for something else holds every other write up, and one that leaves a query behind has it done
 * in somebody else's name.
 */
export class Flight {
  private pending = 0
  private isOpen = false
  private timer: NodeJS.Immediate | undefined
  private onIdle = (): void => {}

  /** A query begins. @throws Error when no write is under way */
  enter (): void {
    this.check()
    this.pending++
    clearImmediate(this.timer)
  }

  /** A query is answered. */
  leave (): void {
    this.pending--
    if (this.pending === 0 && this.isOpen) this.arm()
  }

  /** @throws Error when no write is under way */
  check (): void {
    if (!this.isOpen) throw new Error('A query came after the end of the write that it belongs to.')
  }

  /** Runs the queries of one write. @throws Error when it waits for something else, or ends before its queries */
  async during<T> (work: () => Promise<T>): Promise<T> {
    this.isOpen = true
    try {
      const value = await new Promise<T>((resolve, reject) => {
        this.onIdle = () => { reject(new Error('A write waited for something else than its queries.')) }
        this.arm()
        work().then(resolve, reject)
      })
      if (this.pending > 0) throw new Error('A write ended before its queries.')
      return value
    } finally {
      this.isOpen = false
      clearImmediate(this.timer)
    }
  }

  /** Whoever goes on does so within a turn of the event loop. */
  private arm (): void {
    clearImmediate(this.timer)
    this.timer = setImmediate(() => { this.timer = setImmediate(() => { this.onIdle() }) })
  }
}
