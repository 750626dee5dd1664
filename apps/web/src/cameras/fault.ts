import type { TextKey } from '../texts/texts.svelte.ts'

const known = { timeout: 'camera.fault.timeout', noPicture: 'camera.fault.noPicture', tooLarge: 'camera.fault.tooLarge', film: 'camera.fault.film', addressRefused: 'camera.fault.address', http401: 'camera.fault.http401', http403: 'camera.fault.http401', ECONNREFUSED: 'camera.fault.away', EHOSTUNREACH: 'camera.fault.away', ENOTFOUND: 'camera.fault.name' } as const satisfies Record<string, TextKey>

/** Why a camera sent no picture, and the cure, of the server's word for it. */
export function faultText (fault: string, t: (key: TextKey, params?: Record<string, string>) => string): string {
  return Object.hasOwn(known, fault) ? t(known[fault as keyof typeof known]) : t('camera.fault.other', { word: fault })
}
