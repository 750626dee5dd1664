import { SettingChange, SettingsAnswer } from '@oncekey/protocol/schemas'
import type { House } from '../house.ts'
import { callerOf, type App } from '../platform/http.ts'
import { changeSetting, describeSettings } from './change.ts'
import { prepareCheck } from './table.ts'

export function settingRoutes (app: App, house: House): void {
  const tags = ['settings']

  app.get('/api/v1/settings', { config: { audience: 'operator' }, schema: { tags, summary: 'Every setting, with its value, its range and what it is unless changed; variables for administrators', response: { 200: SettingsAnswer } } }, (request) =>
    describeSettings(house, callerOf(request)))

  app.patch('/api/v1/settings', { config: { audience: 'admin', needsProof: true }, schema: { tags, summary: 'Change one setting, unless somebody else has done so meanwhile', body: SettingChange, response: { 200: SettingsAnswer } } }, async (request) => {
    await prepareCheck()
    await house.db.write((trx) => changeSetting(trx, house, request.body, callerOf(request)))
    return describeSettings(house, callerOf(request))
  })
}
