import { versionNumber } from '@oncekey/protocol/messages'
import { policiesOf } from '../controllers/policies.ts'
import type { House } from '../house.ts'
import type { Devices } from './describe.ts'

/** All that Home Assistant may know of, as it is now. */
export async function findDevices (house: House, siteId: string): Promise<Devices> {
  const { read } = house.db
  const [controllers, images, points] = await Promise.all([
    read.selectFrom('controllers').select(['id', 'name', 'hardware', 'firmware', 'policies']).where('site_id', '=', siteId).where('removed_at', 'is', null).orderBy('id').execute(),
    read.selectFrom('images').select(['hardware', 'version']).where('site_id', '=', siteId).where('removed_at', 'is', null).execute(),
    read.selectFrom('access_points as a').innerJoin('sites as s', 's.id', 'a.site_id').leftJoin('banks as b', 'b.id', 'a.bank_id').leftJoin('controllers as c', (on) => on.onRef('c.id', '=', 'a.controller_id').on('c.removed_at', 'is', null))
      .leftJoin('home_assistant_commands as h', 'h.access_point_id', 'a.id').select(['a.id', 'a.name', 'a.kind', 'b.name as bank', 's.name as site', 'c.id as controller_id', 'h.person_id'])
      .where('a.site_id', '=', siteId).where('a.removed_at', 'is', null).orderBy('a.id').execute()
  ])
  const newest = new Map<string, string>()
  for (const { hardware, version } of images) if (versionNumber(version) > versionNumber(newest.get(hardware) ?? '')) newest.set(hardware, version)
  return {
    controllers: controllers.map(({ id, name, hardware, firmware, policies }) => {
      const image = newest.get(hardware) ?? ''
      return { id, name, hardware, firmware, newest: versionNumber(image) > versionNumber(firmware) ? image : '', hasBattery: policiesOf(policies).lowMillivolts > 0 }
    }),
    // A compartment is called the same in each bank; there, and in the place, both are seen.
    points: points.map(({ id, name, kind, bank, site, controller_id: controllerId, person_id: personId }) => ({ id, name: bank === null ? name : `${bank} ${name}`, kind, place: site, controllerId, isAllowed: personId !== null }))
  }
}
