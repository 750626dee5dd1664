import { accessRoutes } from './access/routes.ts'
import { alarmRoutes } from './alarms/routes.ts'
import { apiKeyRoutes } from './api-keys/routes.ts'
import { whoHolds } from './api-keys/who.ts'
import { auditRoutes } from './audit/routes.ts'
import { backupRoutes } from './backup/routes.ts'
import { captchaRoutes } from './captcha/routes.ts'
import { cameraRoutes } from './cameras/routes.ts'
import { codeRoutes } from './codes/routes.ts'
import { controllerRoutes } from './controllers/routes.ts'
import { channelTestRoutes } from './channel-tests/routes.ts'
import { compatRoutes } from './compat/routes.ts'
import { diagnosticsRoutes } from './diagnostics/routes.ts'
import { grantsRoutes } from './grants/routes.ts'
import { groupsRoutes } from './groups/routes.ts'
import { guardRoutes } from './guard/routes.ts'
import { demoRoutes } from './demo/routes.ts'
import { doorRoutes } from './doors/routes.ts'
import { factorRoutes } from './factors/routes.ts'
import { homeAssistantRoutes } from './home-assistant/routes.ts'
import type { House } from './house.ts'
import { insightRoutes } from './insights/routes.ts'
import { liveRoutes } from './live/routes.ts'
import { metricsRoutes } from './metrics/routes.ts'
import { meRoutes } from './me/routes.ts'
import { receiptRoutes } from './notify/receipt-routes.ts'
import { notifyRoutes } from './notify/routes.ts'
import { peopleRoutes } from './people/routes.ts'
import { whoCalls } from './sessions/who.ts'
import { createHttp, type App } from './platform/http.ts'
import { pushRoutes } from './push/routes.ts'
import { pinRoutes } from './pins/routes.ts'
import { healthRoutes } from './platform/health.ts'
import { openApi } from './platform/openapi.ts'
import { webRoutes } from './platform/web.ts'
import { isStrict, secureAddress } from './trust/addresses.ts'
import { trustRoutes } from './trust/routes.ts'
import { programRoutes } from './programs/routes.ts'
import { providerRoutes } from './providers/routes.ts'
import { recoveryRoutes } from './recovery/routes.ts'
import { registrationRoutes } from './registration/routes.ts'
import { sessionRoutes } from './sessions/routes.ts'
import { setupRoutes } from './setup/routes.ts'
import { settingRoutes } from './settings/routes.ts'
import { sitesRoutes } from './sites/routes.ts'
import { updateRoutes } from './updates/routes.ts'
import { standingOrderRoutes } from './standing-orders/routes.ts'
import { supportRoutes } from './support/routes.ts'
import { templateRoutes } from './templates/routes.ts'
import { testModeRoutes } from './test-mode/routes.ts'
import { verificationRoutes } from './verifications/routes.ts'
import { webhookRoutes } from './webhooks/routes.ts'

/** The HTTP side of the house: every feature's routes behind one guard. */
export async function createApp (house: House): Promise<App> {
  const app = await createHttp({ log: house.log, publicUrl: house.config.publicUrl, trustedProxies: house.config.trustedProxies, whoCalls: whoCalls(house), whoHolds: whoHolds(house), isStrict: isStrict(house.config), ...(house.config.plainHttp ? {} : { secureAddress: secureAddress(house) }) })
  openApi(app, house.version)
  healthRoutes(app, house)
  metricsRoutes(app, house)
  trustRoutes(app, house)
  setupRoutes(app, house)
  captchaRoutes(app, house)
  sessionRoutes(app, house)
  registrationRoutes(app, house)
  recoveryRoutes(app, house)
  providerRoutes(app, house)
  meRoutes(app, house)
  factorRoutes(app, house)
  peopleRoutes(app, house)
  sitesRoutes(app, house)
  grantsRoutes(app, house)
  groupsRoutes(app, house)
  accessRoutes(app, house)
  codeRoutes(app, house)
  controllerRoutes(app, house)
  doorRoutes(app, house)
  pinRoutes(app, house)
  compatRoutes(app, house)
  updateRoutes(app, house)
  liveRoutes(app, house)
  standingOrderRoutes(app, house)
  alarmRoutes(app, house)
  pushRoutes(app, house)
  notifyRoutes(app, house)
  channelTestRoutes(app, house)
  receiptRoutes(app, house)
  supportRoutes(app, house)
  auditRoutes(app, house)
  insightRoutes(app, house)
  backupRoutes(app, house)
  diagnosticsRoutes(app, house)
  settingRoutes(app, house)
  apiKeyRoutes(app, house)
  verificationRoutes(app, house)
  templateRoutes(app, house)
  programRoutes(app, house)
  webhookRoutes(app, house)
  cameraRoutes(app, house)
  homeAssistantRoutes(app, house)
  testModeRoutes(app, house)
  guardRoutes(app, house)
  demoRoutes(app, house)
  await webRoutes(app, house)
  return app
}
