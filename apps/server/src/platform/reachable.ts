import { networkInterfaces } from 'node:os'

/** The address to give to people when we listen everywhere: the first network that is no container's. */
export function reachableAt (host: string): string {
  if (!isEverywhere(host)) return host
  const real = Object.entries(networkInterfaces()).filter(([name]) => !/^(docker|br-|veth|virbr|podman|cni)/.test(name)).flatMap(([, all]) => all ?? [])
  return real.find((one) => one.family === 'IPv4' && !one.internal)?.address ?? 'localhost'
}

/** Whether that means every address of this machine. */
export function isEverywhere (host: string): boolean {
  return host === '0.0.0.0' || host === '::' || host === ''
}
