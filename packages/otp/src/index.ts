/**
 * One-time codes: issue, verify, supersede, revoke, expire, with budgets that make guessing pointless. Zero
 * dependencies; time, randomness, keys and the database are given by the host. Stores: ./memory, ./sqlite, ./postgres and ./redis.
 * Besides, for a second factor: the codes of authenticator apps (HOTP, TOTP) and recovery codes.
 */
export { createOtp } from './engine.ts'
export type { Otp, OtpOptions, Revocation, Status } from './engine.ts'
export { createSteps } from './steps.ts'
export type { Entry, IssueOrder, ScopePolicy, Step, Steps, StepsOptions } from './steps.ts'
export type { Issue, IssueRefusal, Verdict } from './decide.ts'
export { keyRing } from './keyring.ts'
export type { KeyRing } from './keyring.ts'
export { admits, afterClear, afterFailure, afterSuccess, challengePolicy, failuresCounted, freshBudget, readerPolicy } from './budget.ts'
export type { Admission, Budget, ChallengePolicy, Policy, ReaderPolicy } from './budget.ts'
export { dailyChance, digitsFor, drawDigits, isCode } from './digits.ts'
export type { Entropy } from './digits.ts'
export { hotp } from './hotp.ts'
export type { HotpAlgorithm, HotpKey } from './hotp.ts'
export { totp, verifyTotp } from './totp.ts'
export type { TotpKey, TotpTry, TotpVerdict } from './totp.ts'
export { otpauthUri } from './keyUri.ts'
export type { KeyUriOrder } from './keyUri.ts'
export { fromBase32, toBase32 } from './base32.ts'
export { drawRecoveryCode, normalRecoveryCode, recoveryHash } from './recoveryCode.ts'
export type { RecoveryBinding } from './recoveryCode.ts'
export { equalBytes, equalText, fromBase64url, fromHex, toBase64url, toHex, utf8 } from './bytes.ts'
export { put } from './store.ts'
export type { Change, CodeName, Decision, Facts, LiveCode, Look, Outcome, PermitRefusal, Question, RefusalReason, SpentCode, SpentReason, Store, Sweep, SweepOrder } from './store.ts'
