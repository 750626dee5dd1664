import { postgresDdl } from '../src/platform/ddl.ts'

/** The code engine's tables of that day. */
const codes = `
CREATE TABLE otp_codes (
  seq INTEGER PRIMARY KEY, tenant TEXT NOT NULL, scope TEXT NOT NULL, id TEXT NOT NULL UNIQUE, slot TEXT NOT NULL, hash TEXT NOT NULL,
  generation INTEGER NOT NULL, valid_from INTEGER NOT NULL, expires_at INTEGER NOT NULL, data TEXT NOT NULL
) STRICT;
CREATE UNIQUE INDEX otp_codes_hash ON otp_codes (tenant, scope, hash);
CREATE INDEX otp_codes_slot ON otp_codes (tenant, slot, scope);
CREATE INDEX otp_codes_expiry ON otp_codes (tenant, expires_at);
CREATE INDEX otp_codes_live ON otp_codes (tenant, scope, expires_at);

CREATE TABLE otp_spent (
  seq INTEGER PRIMARY KEY, tenant TEXT NOT NULL, scope TEXT NOT NULL, id TEXT NOT NULL, hash TEXT NOT NULL, generation INTEGER NOT NULL,
  reason TEXT NOT NULL CHECK (reason IN ('used', 'expired', 'revoked', 'superseded')), at INTEGER NOT NULL
) STRICT;
CREATE INDEX otp_spent_hash ON otp_spent (tenant, scope, hash);
CREATE INDEX otp_spent_at ON otp_spent (tenant, at);

CREATE TABLE otp_budgets (
  tenant TEXT NOT NULL, scope TEXT NOT NULL, generation INTEGER NOT NULL, run INTEGER NOT NULL, failures TEXT NOT NULL, lockouts TEXT NOT NULL,
  locked_until INTEGER NOT NULL, forget_at INTEGER NOT NULL, PRIMARY KEY (tenant, scope)
) STRICT, WITHOUT ROWID;
CREATE INDEX otp_budgets_forget ON otp_budgets (tenant, forget_at);
`

const tables = `
CREATE TABLE settings (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;

CREATE TABLE sites (
  id TEXT PRIMARY KEY, name TEXT NOT NULL, time_zone TEXT NOT NULL, demonstration INTEGER NOT NULL DEFAULT 0, created_at INTEGER NOT NULL
) STRICT;

CREATE TABLE people (
  id TEXT PRIMARY KEY, site_id TEXT NOT NULL REFERENCES sites, name TEXT NOT NULL, email TEXT NOT NULL, role TEXT NOT NULL,
  password_hash TEXT, suspended_at INTEGER, removed_at INTEGER, last_seen_at INTEGER, created_at INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX people_email ON people (lower(email)) WHERE removed_at IS NULL;

CREATE TABLE sessions (
  token_hash TEXT PRIMARY KEY, person_id TEXT NOT NULL REFERENCES people, created_at INTEGER NOT NULL, last_seen_at INTEGER NOT NULL,
  address TEXT NOT NULL, agent TEXT NOT NULL
) STRICT;
CREATE INDEX sessions_person ON sessions (person_id);

CREATE TABLE invitations (token_hash TEXT PRIMARY KEY, person_id TEXT NOT NULL REFERENCES people, expires_at INTEGER NOT NULL) STRICT;

CREATE TABLE banks (id TEXT PRIMARY KEY, site_id TEXT NOT NULL REFERENCES sites, name TEXT NOT NULL, created_at INTEGER NOT NULL) STRICT;
CREATE UNIQUE INDEX banks_name ON banks (site_id, lower(name));

CREATE TABLE controllers (
  id TEXT PRIMARY KEY, site_id TEXT NOT NULL REFERENCES sites, name TEXT NOT NULL, root_key_sealed TEXT NOT NULL, key_hash TEXT NOT NULL, key_version INTEGER NOT NULL,
  hardware TEXT NOT NULL, firmware TEXT NOT NULL, locks INTEGER NOT NULL, assurance TEXT NOT NULL, simulated INTEGER NOT NULL DEFAULT 0,
  settings_version INTEGER NOT NULL DEFAULT 1, acked_seq INTEGER NOT NULL DEFAULT 0, record_head TEXT NOT NULL DEFAULT '',
  last_seen_at INTEGER, created_at INTEGER NOT NULL, removed_at INTEGER
) STRICT;
CREATE UNIQUE INDEX controllers_key ON controllers (key_hash);

CREATE TABLE access_points (
  id TEXT PRIMARY KEY, site_id TEXT NOT NULL REFERENCES sites, bank_id TEXT REFERENCES banks, kind TEXT NOT NULL, name TEXT NOT NULL,
  controller_id TEXT REFERENCES controllers, lock INTEGER NOT NULL, created_at INTEGER NOT NULL, removed_at INTEGER
) STRICT;
CREATE UNIQUE INDEX access_points_lock ON access_points (controller_id, lock) WHERE removed_at IS NULL AND controller_id IS NOT NULL;
CREATE UNIQUE INDEX access_points_name ON access_points (site_id, coalesce(bank_id, ''), lower(name)) WHERE removed_at IS NULL;

CREATE TABLE access_point_states (
  access_point_id TEXT PRIMARY KEY REFERENCES access_points, lock_state TEXT NOT NULL, door_state TEXT NOT NULL, millivolts INTEGER NOT NULL,
  reported_at INTEGER NOT NULL, last_opened_at INTEGER, last_opened_by TEXT
) STRICT;

CREATE TABLE grants (
  id TEXT PRIMARY KEY, person_id TEXT NOT NULL REFERENCES people, access_point_id TEXT NOT NULL REFERENCES access_points,
  starts_at INTEGER, ends_at INTEGER, given_by TEXT NOT NULL, created_at INTEGER NOT NULL, ended_at INTEGER
) STRICT;
CREATE INDEX grants_person ON grants (person_id) WHERE ended_at IS NULL;
CREATE INDEX grants_access_point ON grants (access_point_id) WHERE ended_at IS NULL;

CREATE TABLE codes (
  id TEXT PRIMARY KEY, access_point_id TEXT NOT NULL REFERENCES access_points, controller_id TEXT NOT NULL REFERENCES controllers,
  holder_id TEXT NOT NULL REFERENCES people, grant_id TEXT REFERENCES grants, issued_by TEXT NOT NULL REFERENCES people,
  mode TEXT NOT NULL, state TEXT NOT NULL, created_at INTEGER NOT NULL, valid_from INTEGER NOT NULL, expires_at INTEGER NOT NULL,
  ended_at INTEGER, opened_at INTEGER, not_opened_at INTEGER, request_id TEXT, otp_id TEXT NOT NULL UNIQUE
) STRICT;
CREATE INDEX codes_holder ON codes (holder_id, created_at);
CREATE INDEX codes_access_point ON codes (access_point_id, created_at);
CREATE INDEX codes_live ON codes (expires_at) WHERE state = 'issued';
CREATE INDEX codes_unopened ON codes (ended_at) WHERE state = 'used' AND opened_at IS NULL AND not_opened_at IS NULL;
CREATE INDEX codes_request ON codes (controller_id, request_id) WHERE request_id IS NOT NULL;

CREATE TABLE answers (
  controller_id TEXT NOT NULL, request_id TEXT NOT NULL, answer TEXT NOT NULL, at INTEGER NOT NULL, PRIMARY KEY (controller_id, request_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX answers_at ON answers (at);

CREATE TABLE idempotency_keys (
  person_id TEXT NOT NULL, key TEXT NOT NULL, request_hash TEXT NOT NULL, answer_sealed TEXT, code_id TEXT REFERENCES codes,
  at INTEGER NOT NULL, PRIMARY KEY (person_id, key)
) STRICT, WITHOUT ROWID;
CREATE INDEX idempotency_keys_code ON idempotency_keys (code_id) WHERE code_id IS NOT NULL;
CREATE INDEX idempotency_keys_at ON idempotency_keys (at);

CREATE TABLE commands (
  id TEXT PRIMARY KEY, controller_id TEXT NOT NULL REFERENCES controllers, access_point_id TEXT REFERENCES access_points, op TEXT NOT NULL,
  lock INTEGER NOT NULL, reason TEXT NOT NULL, asked_by TEXT NOT NULL REFERENCES people, created_at INTEGER NOT NULL, expires_at INTEGER NOT NULL,
  status TEXT NOT NULL, measured TEXT, ended_at INTEGER
) STRICT;

CREATE TABLE outbox (
  id TEXT PRIMARY KEY, dedupe_key TEXT NOT NULL UNIQUE, channel TEXT NOT NULL, recipient TEXT NOT NULL, person_id TEXT REFERENCES people,
  code_id TEXT REFERENCES codes, subject TEXT NOT NULL, text TEXT, sealed TEXT, state TEXT NOT NULL, attempts INTEGER NOT NULL, next_at INTEGER NOT NULL,
  created_at INTEGER NOT NULL, ended_at INTEGER, error TEXT
) STRICT;
CREATE INDEX outbox_waiting ON outbox (next_at) WHERE state = 'waiting';
CREATE INDEX outbox_code ON outbox (code_id) WHERE code_id IS NOT NULL;

CREATE TABLE inbox (
  id TEXT PRIMARY KEY, person_id TEXT NOT NULL REFERENCES people, dedupe_key TEXT NOT NULL UNIQUE, code_id TEXT REFERENCES codes,
  subject TEXT NOT NULL, text TEXT, sealed TEXT, created_at INTEGER NOT NULL, read_at INTEGER, gone_at INTEGER
) STRICT;
CREATE INDEX inbox_person ON inbox (person_id, created_at);
CREATE INDEX inbox_code ON inbox (code_id) WHERE code_id IS NOT NULL;

CREATE TABLE audit (
  seq INTEGER PRIMARY KEY, time INTEGER NOT NULL, event TEXT NOT NULL, severity TEXT NOT NULL, actor_id TEXT, subject_id TEXT,
  access_point_id TEXT, controller_id TEXT, reason TEXT, payload TEXT, salt TEXT NOT NULL, payload_hash TEXT NOT NULL, mac TEXT NOT NULL
) STRICT;
CREATE INDEX audit_event ON audit (event, seq);
CREATE INDEX audit_subject ON audit (subject_id, seq) WHERE subject_id IS NOT NULL;
CREATE INDEX audit_actor ON audit (actor_id, seq) WHERE actor_id IS NOT NULL;
CREATE INDEX audit_access_point ON audit (access_point_id, seq) WHERE access_point_id IS NOT NULL;
CREATE INDEX audit_severity ON audit (severity, seq) WHERE severity <> 'info';
CREATE TABLE audit_head (id INTEGER PRIMARY KEY CHECK (id = 1), seq INTEGER NOT NULL, mac TEXT NOT NULL, head_mac TEXT NOT NULL) STRICT;

CREATE TABLE controller_records (
  controller_id TEXT NOT NULL REFERENCES controllers, seq INTEGER NOT NULL, boot_id TEXT NOT NULL, time INTEGER NOT NULL, type TEXT NOT NULL,
  record TEXT NOT NULL, hash TEXT NOT NULL, received_at INTEGER NOT NULL, PRIMARY KEY (controller_id, boot_id, seq)
) STRICT, WITHOUT ROWID;

CREATE TABLE daily_counts (day TEXT NOT NULL, name TEXT NOT NULL, count INTEGER NOT NULL, PRIMARY KEY (day, name)) STRICT, WITHOUT ROWID;
`

/** Everything that the main trip needs. Moments are ms since 1970; ids UUID version 7; see platform/tables.ts. */
export const first = {
  name: '0001-first',
  sqlite: codes + tables,
  postgres: postgresDdl(codes + tables).replaceAll('seq BIGINT PRIMARY KEY, tenant', 'seq BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY, tenant')
}
