/**
 * The code and the tries of a verification are in its own row: a check reads and writes one row there, where the engine's
 * tables needed three more. Codes that wait go along; their earlier ones are gone, so they are refused as wrong.
 */
export const codesOfVerifications = {
  name: '0005-codes-of-verifications',
  sqlite: `
ALTER TABLE verifications ADD COLUMN generation INTEGER NOT NULL DEFAULT 0;
ALTER TABLE verifications ADD COLUMN failures INTEGER NOT NULL DEFAULT 0;
ALTER TABLE verifications ADD COLUMN code_hash TEXT;
ALTER TABLE verifications ADD COLUMN superseded TEXT NOT NULL DEFAULT '';

UPDATE verifications SET
  generation = coalesce((SELECT b.generation FROM otp_budgets b WHERE b.tenant = 'main' AND b.scope = 'verification/' || verifications.id), 0),
  failures = coalesce((SELECT b.run FROM otp_budgets b WHERE b.tenant = 'main' AND b.scope = 'verification/' || verifications.id), 0),
  code_hash = (SELECT c.hash FROM otp_codes c WHERE c.tenant = 'main' AND c.scope = 'verification/' || verifications.id AND c.spent IS NULL ORDER BY c.generation DESC LIMIT 1)
  WHERE status = 'pending';
DELETE FROM otp_codes WHERE scope LIKE 'verification/%';
DELETE FROM otp_budgets WHERE scope LIKE 'verification/%';
`
}
