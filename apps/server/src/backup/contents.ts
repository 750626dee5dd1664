/**
 * What a backup holds. It has the keys of the installation in it, so whatever would open something, or let somebody in, by
 * these keys is left out; a restore ends all of it in any case.
 */

/** Tables whose rows are not in it: sessions, browsers that are shown notifications, live codes, tickets, answers that may hold digits, and pictures of people, which are promised to end. */
export const leftOut: readonly string[] = [
  'sessions', 'browsers', 'pending_sign_ins', 'spent_tickets', 'invitations', 'recovery_codes', 'challenges', 'otp_codes', 'answers', 'idempotency_keys', 'push_subscriptions', 'camera_pictures', 'migrations'
]

/** Columns that are empty in it: hashes and sealed texts of codes. */
export const blank: Readonly<Record<string, readonly string[]>> = {
  outbox: ['sealed'], inbox: ['sealed'], verifications: ['code_hash'], door_codes: ['cancel_hash'], api_keys: ['previous_hash', 'previous_until'],
  conversations: ['link_hash', 'link_sealed']
}

/** Files and folders of the data folder that are in it; everything else there is made anew, or is somebody else's. */
export const kept: readonly string[] = ['secrets.json', 'oncekey.json', 'tls', 'images']

/** The row of `settings` that tells the next start that this database was restored: see generation.ts. */
export const RESTORED = 'backup.restored'

/** Rows of `settings`: when backups are made, their passphrase, sealed, and how the last one went. */
export const SCHEDULE = 'backup.schedule'
export const PASSPHRASE = 'backup.passphrase'
export const LAST = 'backup.last'

/** What this machine knows of its own backups: nothing of it is another machine's, and no backup is to hold the passphrase of another one. */
export const ownSettings: readonly string[] = [RESTORED, SCHEDULE, PASSPHRASE, LAST]
