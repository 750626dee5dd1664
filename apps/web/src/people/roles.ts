import type { Person, Role } from '@oncekey/protocol/schemas'

/** From least to most. */
export const roles: readonly Role[] = ['member', 'operator', 'admin', 'owner']

/** Nobody gives a role above their own. */
export function mayGive (own: Role): Role[] {
  return roles.slice(0, roles.indexOf(own) + 1)
}

/** Nobody changes somebody of a higher role. */
export function mayChange (own: Role, other: Role): boolean {
  return roles.indexOf(other) <= roles.indexOf(own)
}

/** Those whose name or address contains the text, by name; `language` sorts. */
export function findPeople (people: readonly Person[], text: string, language: string): Person[] {
  const wanted = text.trim().toLocaleLowerCase()
  const { compare } = new Intl.Collator(language)
  return people.filter(person => `${person.name} ${person.email}`.toLocaleLowerCase().includes(wanted)).sort((a, b) => compare(a.name, b.name))
}
