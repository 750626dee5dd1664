/** Brings the file of a backup to the server, in parts that a slow line manages, and waits where the line breaks. */
import { OfflineError } from '@oncekey/client'
import type { restoreVerbs } from '@oncekey/client/restore'
import type { RestoreState } from '@oncekey/protocol/schemas'

/** Less than this nothing is gained by smaller parts. */
const LEAST_PART = 64 * 1024
const AGAIN_MS = 2000

export type Bringing = {
  verbs: Pick<ReturnType<typeof restoreVerbs>, 'part' | 'state'>
  upload: string
  file: Blob
  partBytes: number
  /** Hears how far it is, and whether the server can be reached. */
  onState: (state: RestoreState | null, isOffline: boolean) => void
  isGivenUp: () => boolean
  wait: (ms: number) => Promise<void>
}

/** Resolves when all of it is there, or when it was given up. Throws what the server refuses. */
export async function bring ({ verbs, upload, file, partBytes, onState, isGivenUp, wait }: Bringing): Promise<void> {
  let size = partBytes
  let received = 0
  let isUnsure = false
  while (received < file.size && !isGivenUp()) {
    try {
      // A part whose answer was lost may be there.
      const state = isUnsure ? await verbs.state(upload) : await verbs.part(upload, received, file.slice(received, received + size))
      isUnsure = false
      received = state.received
      onState(state, false)
    } catch (error) {
      if (!(error instanceof OfflineError)) throw error
      // The server waits for a part only so long: on a slow line a smaller one arrives.
      if (!isUnsure) size = Math.max(LEAST_PART, size >>> 1)
      isUnsure = true
      onState(null, true)
      await wait(AGAIN_MS)
    }
  }
}

/** Whether a file is a backup, and of what kind, by its first line: nobody brings a photo for an hour. */
export async function look (file: Blob): Promise<'foreign' | 'newer' | 'sealed' | 'plain'> {
  try {
    const [line = ''] = (await file.slice(0, 256).text()).split('\n')
    const told: unknown = JSON.parse(line)
    const { type, version, cost }: Record<string, unknown> = { ...Object(told) }
    if (type !== 'oncekey backup' || typeof version !== 'number') return 'foreign'
    return version > 1 ? 'newer' : cost === 0 ? 'plain' : 'sealed'
  } catch {
    return 'foreign'
  }
}
