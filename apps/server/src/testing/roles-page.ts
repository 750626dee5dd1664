import type { ApiDocument } from './coverage.ts'
import { mqttConnections, mqttVerbs } from './mqtt-permissions.ts'
import type { permissions } from './permissions.ts'

/** docs/roles.md: the tables of permissions for people to read. What an operation does is said by OpenAPI. */
export function rolesPage (table: typeof permissions, document: ApiDocument): string {
  const count = Object.values(table).flat().length
  const areas = Object.entries(table).map(([area, lines]) => `### ${area}
| call | does | from | whose | proof |
|---|---|---|---|---|
${lines.map(({ call, from, own, asksProof }) => `| \`${call}\` | ${summaryOf(document, call)} | ${from.startsWith('key:') ? `API key, scope \`${from.slice(4)}\`` : from} | ${own ?? ''} | ${asksProof === undefined ? '' : asksProof === true ? 'yes' : `for ${Object.keys(asksProof.body).filter((one) => one === 'role' || one === 'email').join(', ')}`} |`).join('\n')}
`)
  return `# Who may do what
Written by \`node apps/server/scripts/write-roles-page.ts\` from the tables that the tests hold against the server: every operation of the API as every kind of caller, and every MQTT verb. A route that is not in the table fails the build.

## Roles
| role | is for |
|---|---|
| member | whoever opens doors and compartments: sees and uses what is their own |
| operator | the desk: people, places, grants, everybody's codes, unlocking from afar, the record |
| admin | controllers, API keys and the record's witness, too |
| owner | as an administrator; makes other owners, and at least one always stays |

Each role may do what the ones above it in this list may. Nobody changes a person of a higher role or gives a role above their own. Another address, another role, a reset and taking second factors away could let somebody come in as somebody else: only whoever is above may, owners among themselves, nobody with themselves, and equals only for whoever was invited and never came. "everybody" means without signing in.

Who is not signed in gets \`signInNeeded\` (401), and so does who was suspended, removed or signed out, from that moment. Who is signed in with too low a role gets \`notAllowed\` (403). Calls for API keys take no session and the others take no key: \`apiKeyNeeded\` (401) without a living key, \`notAllowed\` with one of another scope. What is somebody else's is \`notFound\` or \`notAllowed\`. A call that changes something is refused when a page of another site makes it (\`originRefused\`, 403), whoever is signed in.

Calls with "proof" ask a session that was proven more than 15 minutes ago who it is: \`proofNeeded\` (403), until \`POST /api/v1/me/proof\` was answered with a second factor, or with the password by whoever has none. So a session that was left open, or stolen, moves no bolt from afar and gives nobody a role. Codes and grants, the daily work of the desk, ask for no proof: each is on record and can be taken back, and a desk is not to be asked every quarter of an hour.

## The API: ${count} operations
${areas.join('\n')}
## MQTT
At the broker there are controllers and nobody else: a simulated door in a page comes as its controller, with that controller's key, which it gets from \`GET /api/v1/controllers/{id}/simulation\`. User name and client id are the controller's id, the password is derived from its key.

| comes as | is let in |
|---|---|
${mqttConnections.map(({ as, isLetIn }) => `| ${as} | ${isLetIn ? 'yes' : 'no'} |`).join('\n')}

Topics below are \`ok/v1/{site}/{controller}/…\`; "own" is the branch of the controller that is connected. Whoever is not let in may do none of it. A refused message ends its connection; a refused subscription is answered with 128 (MQTT 3.1.1, 3.9.3).

| verb | topic | allowed |
|---|---|---|
${mqttVerbs.map(({ verb, what, isAllowed }) => `| ${verb} | ${what} | ${isAllowed ? 'yes' : 'no'} |`).join('\n')}
`
}

function summaryOf (document: ApiDocument, call: string): string {
  const [method = '', path = ''] = call.split(' ')
  return document.paths[path]?.[method.toLowerCase()]?.summary ?? ''
}
