/**
 * Roles that come from groups at the provider. `role_by_hand`: the one that the person has without them; null = the role is
 * that one. `role_told_at`: when the provider last said so, ms since 1970.
 * `follows_role`: what groups give to somebody whose second factor is still asked for; `none`: nothing, null: nobody asked.
 */
export const providerRoles = {
  name: '0046-provider-roles',
  sqlite: `
ALTER TABLE people ADD COLUMN role_by_hand TEXT;
ALTER TABLE people ADD COLUMN role_told_at INTEGER;
CREATE INDEX people_role_by_hand ON people (role_told_at) WHERE role_by_hand IS NOT NULL;
ALTER TABLE pending_sign_ins ADD COLUMN follows_role TEXT;
`
}
