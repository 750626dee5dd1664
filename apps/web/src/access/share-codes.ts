/**
 * The page of a door shows the code that is about to be typed there. It is told the digits by the tab of the app
 * that was given them, over a channel between pages of one browser; nothing is stored. A channel is one person's.
 * When the tab goes, its codes go from the doors too: they are that tab's, and closing it puts them away.
 */
export type SharedCode = {
  /** Of the access point. */
  name: string
  digits: string
  /** By this machine's clock. */
  endsAt: number
}

/** All that one tab has, newest first; null asks every tab for it. */
type Message = { tab: string, codes: readonly SharedCode[] } | null

function channelOf (personId: string): BroadcastChannel {
  return new BroadcastChannel(`oncekey-codes-${personId}`)
}

/** In the app: tells the doors whenever one asks, and when `tell` is called. `page` hears that it is left; the window when absent. */
export function shareCodes (personId: string, codes: () => readonly SharedCode[], page: EventTarget = window): { tell: () => void, stop: () => void } {
  const channel = channelOf(personId)
  const tab = String(Math.random())
  const tell = (): void => channel.postMessage({ tab, codes: codes() } satisfies Message)
  const leave = (): void => channel.postMessage({ tab, codes: [] } satisfies Message)
  channel.addEventListener('message', ({ data }: MessageEvent<Message>) => { if (data === null) tell() })
  page.addEventListener('pagehide', leave)
  // A page that the browser kept comes back with what it had.
  page.addEventListener('pageshow', tell)
  return {
    tell,
    stop () {
      page.removeEventListener('pagehide', leave)
      page.removeEventListener('pageshow', tell)
      leave()
      channel.close()
    }
  }
}

/** In a door: hears the codes of all tabs until the returned function is called. */
export function hearCodes (personId: string, onCodes: (codes: readonly SharedCode[]) => void): () => void {
  const channel = channelOf(personId)
  const tabs = new Map<string, readonly SharedCode[]>()
  channel.addEventListener('message', ({ data }: MessageEvent<Message>) => {
    if (data === null) return
    tabs.delete(data.tab)
    onCodes([...data.codes, ...[...tabs.values()].flat()])
    tabs.set(data.tab, data.codes)
  })
  channel.postMessage(null)
  return () => channel.close()
}
