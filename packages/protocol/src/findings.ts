/**
 * Everything that `oncekey doctor` and the page of diagnostics can say, in one table. A code is stable: scripts may watch
 * for it. `says` tells what is the matter and `cure` what to do, each in one sentence; names in braces are facts of the
 * finding. What is ok needs no cure. Pages have the same sentences in the reader's language.
 */
export const findings = {
  'server.ok': { state: 'ok', says: 'The server runs, version {version}, for {hours} h.' },
  'server.away': { state: 'warn', says: 'No server answers at {url}.', cure: 'Start it, or look at its log if it should run.' },

  'database.ok': { state: 'ok', says: '{kind} {version} answers, has every migration, and keeps what it was told.' },
  'database.missing': { state: 'bad', says: 'There is no database in {folder}.', cure: 'Start the server once, or name the right folder by ONCEKEY_DATA_DIR.' },
  'database.away': { state: 'bad', says: 'The database does not answer ({fault}).', cure: 'Look at its server, its disk and its rights; the server comes back by itself.' },
  'database.behind': { state: 'warn', says: 'Migrations of this version that the database lacks: {count}.', cure: 'Start the server once: it makes a snapshot and brings the database up to date.' },
  'database.ahead': { state: 'bad', says: 'The database is from a newer version of Oncekey.', cure: 'Install that version, or restore the snapshot that was made before the upgrade.' },
  'database.readOnly': { state: 'bad', says: 'The database takes no writes, so no code can be made or used.', cure: 'Make room on its disk and give the server the right to write there.' },
  'database.notDurable': { state: 'bad', says: 'The database may forget after a power cut what it was told ({setting}).', cure: 'Set it back: SQLite needs journal_mode=wal, PostgreSQL needs fsync and full_page_writes on.' },
  'database.empty': { state: 'warn', says: 'Nothing is set up yet.', cure: 'Start the server and open the link that it prints.' },

  'redis.ok': { state: 'ok', says: 'Redis {version} answers, and keeps what it was told.' },
  'redis.away': { state: 'bad', says: 'Redis does not answer ({fault}): codes that it has can not be checked.', cure: 'Look at its server and at ONCEKEY_REDIS_URL; new codes stay in the database meanwhile.' },
  'redis.evicts': { state: 'warn', says: 'Redis throws codes away when its memory is full (maxmemory-policy {policy}).', cure: 'Set maxmemory-policy to noeviction.' },
  'redis.evicted': { state: 'warn', says: 'Redis has thrown keys away since its start: {count}. Codes among them have ended, and new ones stay in the database.', cure: 'Give it memory, set maxmemory-policy to noeviction, and start it anew.' },
  'redis.forgets': { state: 'warn', says: 'Redis keeps no log on its disk: codes that wait there end when it restarts.', cure: 'Set appendonly to yes, or live with it: whoever waits asks for another code.' },

  'record.broken': { state: 'bad', says: 'The record is not as it was written.', cure: 'Run "oncekey audit verify" and look into it before anything else.' },
  'witness.fault': { state: 'warn', says: 'The witness file can not be written.', cure: 'Look at its disk and rights; what is missing follows by itself.' },

  'broker.ok': { state: 'ok', says: 'The broker answers on port {port}, and a message goes through it.' },
  'broker.closed': { state: 'bad', says: 'The broker does not answer on port {port} ({fault}).', cure: 'Look at the log for its port, and at what else uses it.' },
  'broker.stuck': { state: 'bad', says: 'The broker listens and passes no message on.', cure: 'Start the server again and keep its log for a report.' },

  'homeAssistant.ok': { state: 'ok', says: 'The broker of Home Assistant takes what doors do.' },
  'homeAssistant.away': { state: 'warn', says: 'The broker of Home Assistant is not connected ({fault}); doors are served all the same.', cure: 'Look at its settings under Developers, Home Assistant: the test there names the step that fails.' },

  'clock.ok': { state: 'ok', says: 'The clock fits the record and the files of this program.' },
  'clock.behind': { state: 'bad', says: 'The clock is {seconds} s behind the newest row of the record.', cure: 'Set the clock of this machine and keep it by NTP: codes and lockouts follow it.' },
  'clock.implausible': { state: 'bad', says: 'The clock says {now}, before this program was installed.', cure: 'Set the clock of this machine and keep it by NTP: codes and lockouts follow it.' },
  'clock.apart': { state: 'warn', says: 'The clocks of this machine and of the database are {seconds} s apart.', cure: 'Keep both by NTP.' },

  'mail.ok': { state: 'ok', says: 'The mail server {host} takes our sign-in, over TLS.' },
  'mail.notSet': { state: 'warn', says: 'No mail server is set: messages stay in the inbox page, and people without a password have no way in.', cure: 'Set ONCEKEY_SMTP_URL.' },
  'mail.away': { state: 'bad', says: 'The mail server {host} can not be reached ({fault}).', cure: 'Check name, port and firewall of ONCEKEY_SMTP_URL.' },
  'mail.refused': { state: 'bad', says: 'The mail server {host} refuses our sign-in ({fault}).', cure: 'Check user and password in ONCEKEY_SMTP_URL; many providers want a password for programs.' },
  'mail.plain': { state: 'warn', says: 'The way to the mail server {host} is not encrypted, and codes go over it.', cure: 'Use smtps://, or a server that offers STARTTLS.' },
  'mail.failing': { state: 'warn', says: 'Messages that were given up in the last 24 hours: {count}.', cure: 'Look at the record for message.failed and code.deliveryFailed, then at the addresses and the mail server.' },
  'mail.sent': { state: 'ok', says: 'The mail server took a test message to the address that was asked for.' },
  'mail.notSent': { state: 'bad', says: 'The test message was not taken ({fault}).', cure: 'Check the address, and that the server may send for the sender in ONCEKEY_SMTP_URL (from=).' },
  'channel.noReceipts': { state: 'warn', says: 'Twilio can not tell whether an SMS arrived: it was not told at which address this server is reached.', cure: 'Set ONCEKEY_PUBLIC_URL; until then another channel follows only when Twilio refuses a message.' },

  'dns.ok': { state: 'ok', says: '{host} has an address.' },
  'dns.unknown': { state: 'bad', says: '{host} has no address ({fault}).', cure: 'Check {setting} and the name servers of this machine.' },

  'tls.ok': { state: 'ok', says: 'The certificate is good for {host} and for {days} days more.' },
  'tls.notNeeded': { state: 'ok', says: 'Only this machine can reach the server; it needs no TLS.' },
  'tls.off': { state: 'warn', says: 'Pages and codes travel without TLS to whoever can reach this machine.', cure: 'Drop ONCEKEY_TLS=off, or put a proxy with TLS in front and name it in ONCEKEY_TRUSTED_PROXIES.' },
  'tls.away': { state: 'bad', says: 'Nothing speaks TLS at {host} ({fault}).', cure: 'Look at the log of the server, or of the proxy in front of it.' },
  'tls.ended': { state: 'bad', says: 'The certificate for {host} has ended, or does not hold yet.', cure: 'Renew it, and check the clock of this machine.' },
  'tls.ending': { state: 'warn', says: 'The certificate for {host} ends in {days} days.', cure: 'Renew it; new files are taken over within a minute.' },
  'tls.otherName': { state: 'bad', says: 'The certificate does not name {host}.', cure: 'Get one for this name, or set ONCEKEY_PUBLIC_URL to a name that it has.' },
  'tls.fault': { state: 'bad', says: 'The TLS of this server says that it does not hold.', cure: 'Look at "tls" in /health: it says what is wrong.' },

  'disk.ok': { state: 'ok', says: '{megabytes} MB are free for the data folder.' },
  'disk.low': { state: 'warn', says: 'Only {megabytes} MB are free for the data folder.', cure: 'Make room before it is needed.' },
  'disk.full': { state: 'bad', says: 'Only {megabytes} MB are free for the data folder: soon no code can be made or used.', cure: 'Make room now.' },
  'files.ok': { state: 'ok', says: 'Nobody else on this machine can read the data folder.' },
  'files.open': { state: 'bad', says: 'Others on this machine can read {name} (mode {mode}).', cure: 'Run chmod {wanted} on it as the user that runs Oncekey.' },
  'files.missing': { state: 'bad', says: '{name} is missing from the data folder.', cure: 'Restore it from a backup: without it live codes and the record can not be checked.' },

  'door.nobody': { state: 'warn', says: 'Somebody can ask for a code at {name}, and nobody is on its list: no code reaches anybody.', cure: 'Add somebody to its list (page Access points), or turn it off there.' },
  'door.refused': { state: 'warn', says: 'The last code that was asked for at {name} reached nobody: every mail was refused ({fault}).', cure: 'Check the addresses on its list (page Access points), and the mail server.' },

  'controller.ok': { state: 'ok', says: '{name} is on line.' },
  'controller.known': { state: 'ok', says: '{name} was there when it was last looked at.' },
  'controller.never': { state: 'warn', says: '{name} has never been on line.', cure: 'Give it power and network, and check the address of the server in its set-up.' },
  'controller.away': { state: 'warn', says: '{name} is off line.', cure: 'Check its power and its network; what it saw follows when it is back.' },
  'controller.clockWrong': { state: 'warn', says: 'The clock of {name} is off by {seconds} s.', cure: 'Let it reach the server: it takes the time from there; if it stays, replace its clock or battery.' },
  'controller.clockUntrusted': { state: 'warn', says: '{name} does not know what time it is.', cure: 'Let it reach the server: until then it takes no codes off line.' },
  'controller.fell': { state: 'warn', says: '{name} last started because of {reset}.', cure: 'Check its power supply and the capacitor at the servo; if it stays, keep its log for a report.' },
  'controller.queue': { state: 'warn', says: '{name} holds {queued} records that are not here yet.', cure: 'Leave it connected: they come by themselves, and hold up neither door nor bolt.' },
  'controller.lowAssurance': { state: 'warn', says: '{name} is of low assurance: its key travelled unprotected, or its program has none.', cure: 'Commission it anew over TLS, with a program that has a key of its own.' },

  'check.late': { state: 'warn', says: 'The look at {part} took too long and was given up.', cure: 'Look at that part by hand: it hangs, or the way to it does.' },
  'check.failed': { state: 'warn', says: 'The look at {part} failed ({fault}).', cure: 'Look at that part by hand, and keep this line for a report.' }
} as const satisfies Record<string, Sentences>

/** What would make an installation safer. `weight` 1..100: what an attacker gains while it is so, and how easily. */
export const hardenings = {
  'harden.files': { weight: 98, says: 'Others on this machine can read the keys of this installation.', cure: 'Run chmod 700 on the data folder and chmod 600 on secrets.json in it.' },
  'harden.tls': { weight: 95, says: 'Passwords, sessions and codes travel without TLS to a server that other machines can reach.', cure: 'Drop ONCEKEY_TLS=off, or use a proxy with TLS and an ONCEKEY_PUBLIC_URL with https://.' },
  'harden.demonstration': { weight: 88, says: 'This is a demonstration site that other machines can reach: administrators are given the keys of its doors.', cure: 'Set up a site of its own for real doors.' },
  'harden.owners': { weight: 85, says: 'Owners and administrators without a second factor: {count}; a password alone opens every door.', cure: 'Have each add a passkey or an authenticator app on the page "Me".' },
  'harden.testRecipients': { weight: 80, says: 'Recipients may have fixed codes here, though others reach this server.', cure: 'Drop ONCEKEY_TEST_RECIPIENTS=on when the tests are over.' },
  'harden.compat': { weight: 78, says: 'Old programs are let in (controllers: {count}): their codes have four digits and their messages no proof.', cure: 'Replace them, revoke their tokens, and switch /compat off.' },
  'harden.lowAssurance': { weight: 70, says: 'Controllers of low assurance: {count}; whoever has the way to one can speak for it.', cure: 'Commission them anew over TLS, or replace their program.' },
  'harden.plainMqtt': { weight: 66, says: 'Controllers may come without TLS from other machines: their passwords can be read on the way.', cure: 'Set ONCEKEY_PLAIN_MQTT=off and let controllers use the port with TLS.' },
  'harden.proxies': { weight: 62, says: 'Every address counts as a trusted proxy, so anybody can make up where they come from.', cure: 'Name only your own proxies in ONCEKEY_TRUSTED_PROXIES.' },
  'harden.backup': { weight: 58, says: 'No backup is known of: with this disk everything is lost.', cure: 'Back the data folder up, and let the job that does it touch the file last-backup in it.' },
  'harden.backupOld': { weight: 54, says: 'The last backup is {days} days old.', cure: 'Look at the job that makes backups and touches the file last-backup in the data folder.' },
  'harden.witness': { weight: 50, says: 'Nobody elsewhere keeps checkpoints of the record: who owns this machine could rewrite it unseen.', cure: 'Set ONCEKEY_WITNESS_FILE to another disk, or an address on the page of the record.' },
  'harden.registration': { weight: 44, says: 'Anybody may register an account here.', cure: 'Allow invited people or mail domains of your own only, on the page of people.' },
  'harden.mail': { weight: 40, says: 'No mail server is set: nobody is told by mail of lockouts, changed passwords and factors.', cure: 'Set ONCEKEY_SMTP_URL.' },
  'harden.mailPlain': { weight: 38, says: 'The setting of the mail server does not insist on TLS: who is on the way could read codes.', cure: 'Use smtps:// in ONCEKEY_SMTP_URL.' },
  'harden.apiKeys': { weight: 32, says: 'API keys without expiry that are older than half a year, or were not used for three months: {count}.', cure: 'Make new ones for the programs that need them and revoke these.' },
  'harden.breached': { weight: 20, says: 'Passwords are not compared with a list of breached ones.', cure: 'Set ONCEKEY_BREACHED_PASSWORDS to a file of their hashes.' }
} as const satisfies Record<string, { weight: number, says: string, cure: string }>

type Sentences = { state: 'ok', says: string } | { state: 'warn' | 'bad', says: string, cure: string }

export type FindingCode = keyof typeof findings
export type HardeningCode = keyof typeof hardenings
export type FindingState = 'ok' | 'warn' | 'bad'
/** What the braces of a sentence stand for. */
export type Facts = Readonly<Record<string, string | number>>

/** A sentence with its facts in place. */
export function withFacts (sentence: string, facts: Facts): string {
  return sentence.replace(/\{(\w+)\}/g, (_whole, name: string) => String(facts[name] ?? '?'))
}
