/** How somebody stands, as an index of the database has it; changing it needs a migration. */
export const STATE = "CASE WHEN suspended_at IS NOT NULL THEN 'suspended' WHEN password_hash IS NULL AND by_provider = 0 THEN 'invited' ELSE 'active' END"
