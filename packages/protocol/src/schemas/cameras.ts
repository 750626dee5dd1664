import { Type, type Static } from 'typebox'
import { Id, Moment, NullableMoment, words } from './common.ts'

/** What a camera may be asked for a picture of: a refused attempt, a lockout, a door that was forced, a call for help by a pin. */
export const PictureCause = words('refused', 'lockedOut', 'forced', 'duress')
export type PictureCause = Static<typeof PictureCause>
const Causes = Type.Array(PictureCause, { minItems: 1, maxItems: 4, uniqueItems: true })
const KeepDays = Type.Integer({ minimum: 1, maximum: 30, description: 'for how many days a picture is kept' })

/** A camera as it is shown: never its address, which may hold a password. `fault`: why the last picture did not come, in a word. */
export const Camera = Type.Object({ host: Type.String(), causes: Causes, keepDays: KeepDays, lastAt: NullableMoment, fault: Type.Union([Type.String(), Type.Null()]) })
export type Camera = Static<typeof Camera>

/** PUT /api/v1/access-points/{id}/camera. `url`: left out, the one of before stays. `user` and `password` go with it (RFC 7617). */
export const CameraForm = Type.Object({
  url: Type.Optional(Type.String({ minLength: 1, maxLength: 2000, description: 'answers GET with a JPEG or PNG; http and addresses of networks of one\'s own only where the operator named them (ONCEKEY_WEBHOOK_NETWORKS)' })),
  user: Type.Optional(Type.String({ maxLength: 100 })), password: Type.Optional(Type.String({ maxLength: 200 })), causes: Causes, keepDays: KeepDays
}, { additionalProperties: false })
export type CameraForm = Static<typeof CameraForm>

/** A picture of a timeline. `seq`: of the row of the record that it belongs to; null where there is none (a call for help, a test). */
export const CameraPicture = Type.Object({ id: Id, seq: Type.Union([Type.Integer(), Type.Null()]), cause: Type.Union([PictureCause, Type.Literal('test')]), takenAt: Moment, endsAt: Moment })
export type CameraPicture = Static<typeof CameraPicture>

/** GET /api/v1/access-points/{id}/camera. `pictures`: the newest first. */
export const CameraAnswer = Type.Object({ camera: Type.Union([Camera, Type.Null()]), pictures: Type.Array(CameraPicture) })
export type CameraAnswer = Static<typeof CameraAnswer>

/** POST /api/v1/access-points/{id}/camera/test. `fault`: why there is no picture, in a word: `timeout`, `http401`, `noPicture`, `tooLarge`, `film`, or the network's own, e.g. `ECONNREFUSED`. */
export const CameraTried = Type.Object({ picture: Type.Union([CameraPicture, Type.Null()]), fault: Type.Union([Type.String(), Type.Null()]) })
export type CameraTried = Static<typeof CameraTried>
