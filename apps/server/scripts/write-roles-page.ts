import { writeFileSync } from 'node:fs'
import { permissions } from '../src/testing/permissions.ts'
import { rolesPage } from '../src/testing/roles-page.ts'
import { openWorld } from '../src/testing/world.ts'

// Writes docs/roles.md anew from the tables of permissions and the server's own document.
const world = await openWorld()
writeFileSync(new URL('../../../docs/roles.md', import.meta.url), rolesPage(permissions, (await world.house.app.inject('/api/openapi.json')).json()))
await world.close()
