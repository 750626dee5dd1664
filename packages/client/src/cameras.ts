import type { CameraAnswer, CameraForm, CameraTried } from '@oncekey/protocol/schemas'
import type { Call } from './http.ts'

/** Cameras at access points, for operators: apart from the client, so that only their pages carry it. */
export function cameraVerbs (call: Call, base: string) {
  const of = (accessPointId: string, rest = ''): string => `api/v1/access-points/${encodeURIComponent(accessPointId)}/camera${rest}`
  return {
    get: (accessPointId: string) => call<CameraAnswer>('GET', of(accessPointId)),
    /** Puts one there, or sets the one that is there. */
    set: (accessPointId: string, form: CameraForm) => call<CameraAnswer>('PATCH', of(accessPointId), { body: form }),
    /** With its pictures. */
    remove: (accessPointId: string) => call('DELETE', of(accessPointId)),
    /** Asks it for a picture now. */
    test: (accessPointId: string) => call<CameraTried>('POST', of(accessPointId, '/test')),
    /** Where a picture is, for a page; each look is on the record. */
    address: (pictureId: string) => `${base}api/v1/pictures/${encodeURIComponent(pictureId)}`
  }
}
