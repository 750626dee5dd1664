import { Type, type Static } from 'typebox'

/** The largest piece of a backup that one request brings: small enough for a slow line within the time that a request has. */
export const restorePartBytes: number = 1024 * 1024

/** GET /api/v1/setup/restore: how a backup is put back here. */
export const RestoreOffer = Type.Object({
  by: Type.Union([Type.Literal('page'), Type.Literal('command')], { description: 'command: `oncekey restore` alone can, as on PostgreSQL' }),
  mostBytes: Type.Integer(), partBytes: Type.Integer()
})
export type RestoreOffer = Static<typeof RestoreOffer>

/** POST /api/v1/setup/restore: begins to bring a backup of so many bytes. `token` comes from the link in the log. A later one takes the place of an earlier one. */
export const RestoreForm = Type.Object({ token: Type.String({ maxLength: 100 }), bytes: Type.Integer({ minimum: 1 }) })
export type RestoreForm = Static<typeof RestoreForm>

export const RestoreParams = Type.Object({ upload: Type.String({ maxLength: 100, description: 'the secret name of an upload' }) })
export const RestorePartQuery = Type.Object({ from: Type.Integer({ minimum: 0, description: 'byte of the file with which the part begins: the `received` of the state' }) })

/** POST /api/v1/setup/restore/{upload}/check: all of it is there. `passphrase`: of a sealed one. */
export const RestoreCheckForm = Type.Object({ passphrase: Type.Optional(Type.String({ minLength: 1, maxLength: 200 })) })
export type RestoreCheckForm = Static<typeof RestoreCheckForm>

/** How far it is. After `restoring` the server starts anew, and says `alreadySetUp`. */
export const RestoreState = Type.Object({
  is: Type.Union([Type.Literal('receiving'), Type.Literal('checking'), Type.Literal('refused'), Type.Literal('restoring')]),
  bytes: Type.Integer(), received: Type.Integer(),
  rows: Type.Integer({ description: 'that were read' }), of: Type.Integer({ description: '0: not known yet' }),
  fault: Type.Union([Type.Object({
    kind: Type.Union([Type.Literal('foreign'), Type.Literal('newer'), Type.Literal('passphrase'), Type.Literal('damaged'), Type.Literal('setUp'), Type.Literal('place')], { description: 'passphrase: another one may be tried by `check`, all other ways begin anew; place: the file is not to blame' }),
    says: Type.String()
  }), Type.Null()], { description: 'of `refused`' })
})
export type RestoreState = Static<typeof RestoreState>

/** POST /api/v1/setup/restore */
export const RestoreBegun = Type.Object({ upload: Type.String(), state: RestoreState })
export type RestoreBegun = Static<typeof RestoreBegun>
