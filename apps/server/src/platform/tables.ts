import type { Generated } from 'kysely'
import type { AuditEventName, Reason, Severity } from '@oncekey/protocol/audit-events'
import type { AlarmKind, CameraPicture, ChallengePurpose, CompatContract, ConversationState, DoorCodeState, DoorWay, Language, MessageLanguage, Role, RolloutControllerState, StandingOrderKind, TemplateKind, VerificationChannel, VerificationStatus, WebhookEvent } from '@oncekey/protocol/schemas'
import type { BatteryLevel, CommandStatus, DoorState, LockMode, LockState, Standing, UpdateOutcome } from '@oncekey/protocol/messages'

/** Moments are milliseconds since 1970 UTC; flags are 0 or 1; ids are UUID version 7. */
export type Tables = {
  sites: { id: string, name: string, time_zone: string, demonstration: number, created_at: number, message_language: Generated<MessageLanguage> }
  /** A site's own words, see templates/. */
  message_templates: { site_id: string, kind: TemplateKind, language: MessageLanguage, subject: string, text: string, changed_at: number }
  people: {
    id: string, site_id: string, name: string, email: string, username: Generated<string | null>, role: Role, password_hash: string | null
    suspended_at: number | null, removed_at: number | null, last_seen_at: number | null, created_at: number
    /** By which names are sorted; empty: not listed yet, see people/listing.ts. */
    name_key: Generated<string>
    /** Whether there is a row of `provider_identities` for them. */
    by_provider: Generated<number>
    /** What they are without the groups of a provider, where those say more; and when it last said so. */
    role_by_hand: Generated<Role | null>
    role_told_at: Generated<number | null>
    /** What they chose; null: nothing yet. */
    language: Generated<Language | null>
  }
  /** Questions to those who run the place, see support/. `messages`: how many there are; the link is that of somebody without an account. */
  conversations: {
    id: string, site_id: string, person_id: string | null, name: string, email: string, subject: string, state: ConversationState, messages: number
    created_at: number, last_at: number, link_hash: string | null, link_sealed: string | null
  }
  conversation_messages: { conversation_id: string, position: number, author: 'asker' | 'operator', name: string, text: string, at: number }
  /** By what people are found, see people/words.ts; `name_key` is the person's. */
  people_words: { word: string, name_key: string, person_id: string }
  /** Lists of people on their way in; `beat_at`: the last sign of life of whoever does it. */
  people_imports: {
    id: string, site_id: string, started_by: string, state: 'running' | 'done' | 'failed', invite: number
    total: number, done: number, added: number, here: number, faulty: number, started_at: number, beat_at: number, ended_at: number | null
  }
  /** What became of their rows, some at a time: JSON, see people/import-state.ts. */
  people_import_parts: { import_id: string, part: number, rows: string }
  /** `proven_at`: when its owner last proved who they are, see platform/http.ts. */
  sessions: { token_hash: string, person_id: string, created_at: number, last_seen_at: number, address: string, agent: string, idle_ms: number, ends_at: number, proven_at: number }
  /** Browsers that somebody signed in with; `remembered_until`: no second factor is asked there until then. */
  browsers: { token_hash: string, id: string, person_id: string, agent: string, address: string, created_at: number, last_used_at: number, remembered_until: number | null }
  /** TOTP, RFC 6238. `last_step`: the last one that let somebody in. */
  authenticators: { person_id: string, secret_sealed: string, last_step: number | null, created_at: number, last_used_at: number | null }
  /** `host`: the name that it belongs to; `public_key`: COSE, base64url; `transports`: words with a space between. */
  passkeys: {
    credential_id: string, id: string, person_id: string, host: string, name: string, public_key: string
    counter: number, transports: string, backed_up: number, created_at: number, last_used_at: number | null
  }
  recovery_codes: { hash: string, person_id: string, created_at: number }
  /** Sign-ins that wait for the second factor. */
  pending_sign_ins: { ticket_hash: string, person_id: string, signed_in_by: string, remember: number, failures: number, expires_at: number, follows_role: Generated<string | null> }
  /** Who people are at a provider of sign-ins: `issuer` and `subject` are its words for it (OpenID Connect Core 1.0, 2). */
  provider_identities: { issuer: string, subject: string, id: string, person_id: string, created_at: number, last_used_at: number }
  /** Sealed tickets that were used, until they would have expired. */
  spent_tickets: { ticket_hash: string, expires_at: number }
  invitations: { token_hash: string, person_id: string, expires_at: number }
  banks: { id: string, site_id: string, name: string, created_at: number, removed_at: Generated<number | null> }
  controllers: {
    id: string, site_id: string, name: string, root_key_sealed: string, key_hash: string, key_version: number, hardware: string, firmware: string, locks: number
    assurance: 'high' | 'low', simulated: number, settings_version: number, acked_seq: number, record_head: string
    last_seen_at: number | null, created_at: number, removed_at: number | null
    /** Whether it checks codes without us, and with which clock; null: not at all. */
    offline_clock: Generated<'trusted' | 'persisted' | null>
    /** The number of the last offer of an image, see updates/offers.ts. */
    update_offer: Generated<number>
    /** By which roll-outs go; null: in none. */
    update_group: Generated<string | null>
    /** What it does about its doors and its battery, see controllers/policies.ts; and the level that the battery is at. */
    policies: Generated<string | null>
    battery_level: Generated<BatteryLevel>
    /** How long it may go by the pins that it was lent; null: it is lent none. End of the last lease, and when it was given. */
    pin_lease_ms: Generated<number | null>, pins_until: Generated<number | null>, pins_at: Generated<number | null>
    /** The newest version of its settings that it said it goes by. */
    settings_heard: Generated<number>
  }
  access_points: {
    id: string, site_id: string, bank_id: string | null, kind: 'door' | 'compartment', name: string, controller_id: string | null, lock: number
    created_at: number, removed_at: number | null
    /** What asking for a code at its keypad leads to; null: nothing. Whether its controller makes the codes itself. */
    door_mode: Generated<Exclude<DoorWay, 'off'> | null>, door_makes: Generated<number>
    /** What the orders that stand make of it, and which of them does: written by standing-orders/settle.ts alone. */
    standing: Generated<Standing | null>, standing_order: Generated<string | null>
    /** Of a compartment; null: nobody said. */
    size: Generated<string | null>, height_mm: Generated<number | null>
  }
  access_point_states: {
    access_point_id: string, lock_state: LockState, door_state: DoorState, millivolts: number, reported_at: number
    last_opened_at: number | null, last_opened_by: string | null
  }
  /** Holds, lockdowns and evacuations; of a site where neither a bank nor an access point is named. `given_by`: a person's id. */
  standing_orders: {
    id: string, site_id: string, kind: StandingOrderKind, bank_id: string | null, access_point_id: string | null
    reason: string, given_by: string, given_at: number, ended_at: number | null
  }
  grants: {
    id: string, person_id: string, access_point_id: string, starts_at: number | null, ends_at: number | null
    given_by: string, created_at: number, ended_at: number | null
    /** When it holds in a week, JSON, see grants/facts.ts; null: always. Openings that it is good for, null: any number; and was used for. */
    schedule: Generated<string | null>, max_uses: Generated<number | null>, uses: Generated<number>
    /** Through which group's access a person has it; null: their own. */
    group_grant_id: Generated<string | null>
  }
  /** People who have access together. */
  people_groups: { id: string, site_id: string, name: string, created_at: number }
  people_group_members: { group_id: string, person_id: string, joined_at: number }
  /** What a group may open: an access point, or all of a bank. Its name stays when the group is gone. */
  people_group_grants: {
    id: string, group_id: string, group_name: string, access_point_id: string | null, bank_id: string | null, starts_at: number | null, ends_at: number | null
    schedule: string | null, max_uses: number | null, given_by: string, created_at: number, ended_at: number | null
  }
  /** Dates (`2026-12-25`) on which schedules do not hold. */
  holidays: { id: string, site_id: string, date: string, name: string }
  /** The history of codes; the live ones' hashes are in the engine's own tables. Never digits. */
  codes: {
    id: string, access_point_id: string, controller_id: string, holder_id: string, grant_id: string | null, issued_by: string
    mode: LockMode, state: 'issued' | 'used' | 'expired' | 'revoked' | 'superseded'
    created_at: number, valid_from: number, expires_at: number, ended_at: number | null, opened_at: number | null
    /** When nobody had opened within the time for it; a late record may still set `opened_at`. */
    not_opened_at: number | null
    request_id: string | null
    /** The code's id in the engine's tables. */
    otp_id: string
  }
  /** Codes that doors check without us: their names there, see packages/otp/src/offline.ts. `over_slot`: the last in which one may open. */
  offline_codes: { code_id: string, controller_id: string, lock: number, kind: number, slot: number, serial: number, over_slot: number }
  /** Standing pins. `request_id`: the question that it was typed in last. `verifier`: what its door compares it with. Never digits. `duress_*`: the second pin beside it, and how often it was typed since somebody was told. */
  pins: {
    id: string, controller_id: string, access_point_id: string, label: string, hash: string, digits: number, verifier: string, made_by: string, created_at: number
    ends_at: number | null, ended_at: number | null, used_at: number | null, request_id: string | null
    duress_hash: Generated<string | null>, duress_verifier: Generated<string | null>, duress_due: Generated<number>
  }
  /** First refusals of keypad questions, so that a repeated question gets the same one. A grant is told by the row of its code. */
  answers: { controller_id: string, request_id: string, answer: string, at: number }
  /** First answers to HTTP requests that carried an Idempotency-Key; sealed, because one may hold digits, and wiped with its code. */
  idempotency_keys: { person_id: string, key: string, request_hash: string, answer_sealed: string | null, code_id: string | null, at: number }
  commands: {
    id: string, controller_id: string, access_point_id: string | null, op: 'unlock' | 'lock' | 'clearLockout', lock: number, reason: string
    asked_by: string, created_at: number, expires_at: number, status: CommandStatus | 'pending' | 'unanswered', measured: LockState | null, ended_at: number | null
    /** The evacuation that it unlocks for. */
    order_id: Generated<string | null>
    /** The program that asked, in the name of `asked_by`; null: the person did. */
    program: Generated<string | null>
  }
  /** The connection to Home Assistant's broker. `is_leaving`: what we put there is still to be taken back; `held_by`: the process that keeps the connection, until when. */
  home_assistant: {
    site_id: string, is_on: number, is_leaving: Generated<number>, host: string, port: number, is_tls: number, ca: string | null, user_name: string, password_sealed: string | null, prefix: string, changed_at: number
    held_by: Generated<string | null>, held_until: Generated<number>
  }
  /** Access points that Home Assistant may command, in the name of whoever allowed it. */
  home_assistant_commands: { access_point_id: string, person_id: string, allowed_at: number }
  /** Keys of other programs. `scopes`: words with a space between; `made_by`: a name, of the moment. */
  api_keys: {
    id: string, site_id: string, name: string, secret_hash: string, scopes: string, made_by: string, created_at: number
    last_used_at: number | null, revoked_at: number | null
    /** `previous_hash`: of the secret before, which works until `previous_until`, too. */
    ends_at: Generated<number | null>, previous_hash: Generated<string | null>, previous_until: Generated<number | null>, prefix: Generated<string | null>
    /** Who answers for what it does about doors; null: nobody, so it does nothing there. */
    made_by_id: Generated<string | null>
  }
  /** Programs that are told of verifications. `events`: words with a space between; `failing_since`: since the last success. */
  webhooks: {
    id: string, site_id: string, url: string, events: string, secret_sealed: string, previous_sealed: string | null, previous_until: number | null, made_by: string, created_at: number
    paused_at: number | null, paused_because: 'asked' | 'failing' | 'gone' | null, failing_since: number | null, removed_at: number | null
  }
  /** Messages to webhooks on their way out. `body` is what travels, to the byte: it has no digits in it. */
  webhook_deliveries: {
    id: string, webhook_id: string, dedupe_key: string, event: WebhookEvent | 'webhook.test', verification_id: string | null, body: string, state: 'waiting' | 'delivered' | 'failed'
    attempts: number, next_at: number, created_at: number, ended_at: number | null, status: number | null, fault: string | null
  }
  /** Recipients that are sent nothing and have a fixed code. */
  test_recipients: { id: string, site_id: string, recipient: string, recipient_key: string, code_sealed: string, made_by: string, created_at: number, expires_at: number }
  /** Which verification an old program means when it names a recipient. */
  compat_recipients: { api_key_id: string, recipient_key: string, verification_id: string, forget_at: number }
  /** `recipient_key`: who it is whatever the spelling, a hash; see challenges/recipient.ts. */
  verifications: {
    id: string, site_id: string, channel: VerificationChannel, recipient: string, recipient_key: string, purpose: string, status: VerificationStatus
    created_at: number, expires_at: number, ended_at: number | null
    /** Of its code and tries, see challenges/facts.ts. */
    generation: number, failures: number, code_hash: string | null, superseded: string
    /** In order, with a blank between; `channel` is the one that the newest message took. `country`: of a phone number, null = none. */
    channels: Generated<string>, language: Generated<MessageLanguage | null>, country: Generated<string | null>
    is_test: Generated<number>
    /** Of the demo page: whose browser began it, a hash; '' = a program's. With `is_test` its message stays here. */
    visitor: Generated<string>
  }
  /**
   * Codes that prove a mailbox to us, at registration, sign-in and recovery; `id` is known to whoever asked and nobody else.
   * `identity`: whose failures count; `letter`: what goes out, see challenges/send.ts; `form_sealed`: of a registration.
   */
  challenges: {
    id: string, site_id: string, purpose: ChallengePurpose, person_id: string | null, identity: string
    asked_key: string, recipient: string, recipient_key: string, letter: 'code' | 'known' | 'none', form_sealed: string | null
    status: 'pending' | 'approved' | 'blocked' | 'expired', created_at: number, expires_at: number
    generation: number, failures: number, code_hash: string | null, superseded: string
  }
  /** When codes were sent to a recipient in the last day, the newest first, with a space between. */
  verification_recipients: { recipient_key: string, sends: string, forget_at: number }
  /** What the guard knows of networks, ranges of numbers, countries, keys and recipients, and what was spent on a day: texts of guard/rows.ts. */
  guard_purses: { name: string, purse: string, forget_day: number }
  /** Of which purses a verification's messages took a coin, where its own row does not tell. */
  guard_sends: { verification_id: string, subjects: string, forget_day: number, took: Generated<string> }
  /** `name`: of its purse; `until`: when it may open by itself, looked at again then. `lifted_by`: a name. */
  guard_blocks: {
    id: string, level: string, name: string, since: number, until: number, sent: number, verified: number
    ended_at: number | null, lifted_by: string | null, why: string | null
  }
  /** By the hour since 1970; `country`: empty for mail; `what`: sent, verified, or a reason of a refusal. */
  guard_figures: { hour: number, channel: string, country: string, what: string, count: number, recorded: Generated<number> }
  /** By the hour since 1970, see challenges/unproven.ts. */
  unproven_sends: { hour: number, sent: number, proven: number }
  /** What lets an old program in. `contract`: which of them it speaks; `token_hash`: SHA-256. */
  compat_tokens: {
    id: string, site_id: string, controller_id: string, contract: CompatContract, token_hash: string, device_url: string | null, made_by: string
    created_at: number, last_used_at: number | null, revoked_at: number | null
  }
  /**
   * Codes that were asked for at a door; their hashes are in the engine's tables, under `otp_id`. `waiting`: for a yes, with no
   * code yet. `cancel_hash`: SHA-256 of what is in the mail's link that ends it; `reached`: recipients, once that is known.
   */
  door_codes: {
    id: string, site_id: string, controller_id: string, access_point_id: string, mode: LockMode, state: DoorCodeState, request_id: string | null
    otp_id: string | null, cancel_hash: string | null, reached: number | null, created_at: number, expires_at: number, ended_at: number | null
  }
  /** Who is sent the codes that are asked for at a door: a person, or an address. `language`: of its mails, where a person has chosen none. */
  door_recipients: { id: string, access_point_id: string, person_id: string | null, address: string | null, channel: 'email', added_by: string, created_at: number, language: Generated<Language> }
  /** Who may say yes to a request at a door, beside administrators; without anybody every operator may. */
  door_approvers: { access_point_id: string, person_id: string, created_at: number }
  /** Messages on their way out. `sealed`: the text while it holds a code; wiped when sent, used or expired. */
  outbox: {
    id: string, dedupe_key: string, channel: string, recipient: string, person_id: string | null, code_id: string | null, verification_id: string | null, challenge_id: Generated<string | null>
    subject: string, text: string | null, sealed: string | null, state: 'waiting' | 'sent' | 'failed'
    attempts: number, next_at: number, created_at: number, ended_at: number | null, error: string | null
    /** See migrations/0021-channels.ts. */
    position: Generated<number>, fall_back_at: Generated<number | null>, provider_id: Generated<string | null>, unsure: Generated<number>, feedback: Generated<'due' | null>, delivered_at: Generated<number | null>
    /** Messages of one thread stand together in a mail program. */
    thread: Generated<string | null>
  }
  inbox: {
    id: string, person_id: string, dedupe_key: string, code_id: string | null, subject: string, text: string | null, sealed: string | null
    created_at: number, read_at: number | null, gone_at: number | null
  }
  audit: {
    seq: number, time: number, event: AuditEventName, severity: Severity, actor_id: string | null, subject_id: string | null
    access_point_id: string | null, controller_id: string | null, reason: Reason | null
    payload: string | null, salt: string, payload_hash: string, mac: string
  }
  audit_slots: { slot: number, first_seq: number, last_seq: number }
  audit_head: { id: number, seq: number, mac: string, head_mac: string }
  /** Signed: the rows up to `seq` had this MAC and this running digest. */
  audit_checkpoints: { seq: number, house: string, generation: number, time: number, mac: string, digest: string, key: string, signature: string }
  /** The controllers' own records, as they were hashed there. */
  controller_records: { controller_id: string, seq: number, boot_id: string, time: number, type: string, record: string, hash: string, received_at: number }
  /** Whose signature makes an image one of ours; the private keys are elsewhere. */
  image_keys: { id: string, site_id: string, public_key: string, name: string, created_at: number }
  /** Signed programs for controllers; their bytes are files in the data folder. `uploaded_by`: a name. */
  images: {
    id: string, site_id: string, version: string, minimum: string, hardware: string, size: number, sha256: string, public_key: string, signature: string
    uploaded_by: string, created_at: number, removed_at: number | null
  }
  /** `stages`: percents with a space between; `settled_at`: when all that was begun in this stage had ended; see updates/plan.ts. */
  rollouts: {
    id: string, site_id: string, image_id: string, state: 'running' | 'halted' | 'done' | 'ended', halted_by: string | null, stages: string, stage: number
    settled_at: number | null, pause_ms: number, most_failures: number, started_by: string, created_at: number, ended_at: number | null
    /** Where it goes group by group: their names as JSON, null for all others. */
    groups: Generated<string | null>
  }
  rollout_controllers: {
    rollout_id: string, controller_id: string, place: number, state: RolloutControllerState, outcome: UpdateOutcome | 'silent' | null
    offer: number | null, changed_at: number
    /** The turn of its group, where the roll-out goes by groups. */
    stage: Generated<number | null>
  }
  /** One open one for each `key`, see migrations/0031-alarms.ts; `details`: JSON. */
  alarms: {
    id: string, site_id: string, kind: AlarmKind, severity: 'notice' | 'alarm', key: string, controller_id: string, access_point_id: string | null
    opened_at: number, last_at: number, times: number, until: number | null, details: string, tell_at: number | null, told_at: number | null
    acknowledged_at: number | null, acknowledged_by: string | null, snoozed_until: number | null, assigned_to: string | null, ended_at: number | null, ended_by: string | null
  }
  /** Browsers that show notifications; `sealed`: where they are reached, see push/subscriptions.ts. */
  push_subscriptions: { id: string, person_id: string, endpoint_hash: string, sealed: string, agent: string, created_at: number }
  /** `rules`: JSON, in their order. */
  cameras: { access_point_id: string, host: string, sealed: string, causes: string, keep_days: number, made_at: number, last_at: number | null, fault: string | null }
  camera_pictures: { id: string, access_point_id: string, seq: number | null, cause: CameraPicture['cause'], taken_at: number, ends_at: number, sealed: string }
  alarm_rules: { site_id: string, version: number, rules: string }
  /** See migrations/0041-insights.ts: hours and days of the clock on the wall since 1970. `millivolts`: the sum of `samples`. */
  insight_hours: { hour: number, openings: number }
  insight_days: { what: string, day: number, access_point_id: string, count: number }
  insight_progress: { id: number, seq: number, time: number, way: number, time_zone: string, clearing: number, held: string }
  battery_days: { controller_id: string, day: number, samples: number, millivolts: number }
  daily_counts: { day: string, name: string, count: number }
  settings: { key: string, value: string }
  migrations: { name: Generated<string>, at: number }
}
