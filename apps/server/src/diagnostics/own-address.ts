/** Where a server that listens at `host` is reached from its own machine. */
export function ownAddress (host: string): string {
  return host === '0.0.0.0' ? '127.0.0.1' : host === '::' ? '::1' : host
}
