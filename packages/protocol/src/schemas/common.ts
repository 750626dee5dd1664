import { Type, type Static } from 'typebox'

/** An id of one of our rows: UUID version 7 (RFC 9562). */
export const Id = Type.String({ format: 'uuid', description: 'UUID version 7' })
/** A moment, milliseconds since 1970 UTC. */
export const Moment = Type.Integer({ minimum: 0, maximum: 8.64e15, description: 'milliseconds since 1970-01-01 UTC' })
export const NullableMoment = Type.Union([Moment, Type.Null()])
/** No control characters, and none that break a line or turn the direction of what follows: names stand in mail subjects, in the record, on displays and in exports. */
export const namePattern = '^(?!\\s*$)[^\\u0000-\\u001f\\u007f-\\u009f\\u2028-\\u202e\\u2066-\\u2069]*$'
export const Name = Type.String({ minLength: 1, maxLength: 80, pattern: namePattern, description: '1 to 80 characters' })
/** The name that whoever renames something saw. When it has another one meanwhile, nothing is changed. */
export const NameBefore = Type.Optional(Type.String({ maxLength: 80, description: 'the name that was seen: changedMeanwhile when it is another one by now' }))
// None of the signs that separate addresses in a mail's header: what is one address here is one there (RFC 5322 3.4).
// And none that nobody sees: a mail program leaves them out on the way, so that one mailbox would have as many spellings as one likes.
const addressSign = '[^@\\s,;:<>()[\\]"\\\\\\u0000-\\u001f\\u007f-\\u009f\\u00ad\\u200b-\\u200f\\u202a-\\u202e\\u2060-\\u206f]'
/** The same for who knows only when it is read that it is to be an e-mail address. */
export const emailPattern = `^${addressSign}{1,64}@${addressSign}{1,190}$`
export const Email = Type.String({ maxLength: 254, pattern: emailPattern, description: 'an e-mail address' })
export const Password = Type.String({ minLength: 8, maxLength: 128, description: '8 to 128 characters, any of them' })
export const Why = Type.String({ minLength: 3, maxLength: 200, pattern: '\\S', description: 'the reason, for the record' })
export const IdParams = Type.Object({ id: Id })

/** What pages and mails are written in. */
export const Language = words('en', 'de', 'es', 'fr', 'hi', 'ar')
export type Language = Static<typeof Language>

export const Role = Type.Union([Type.Literal('owner'), Type.Literal('admin'), Type.Literal('operator'), Type.Literal('member')])
export type Role = Static<typeof Role>

/** Turns a list of words into a schema whose type is their union. */
export function words<Word extends string> (...values: Word[]) {
  return Type.Unsafe<Word>(Type.Enum(values))
}
