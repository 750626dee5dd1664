import { codeRoutes } from './codes/routes.ts'
import { controllerRoutes } from './controllers/routes.ts'
import type { House } from './house.ts'
import { liveRoutes } from './live/routes.ts'
import { createHttp, type App } from './platform/http.ts'
import { healthRoutes } from './platform/health.ts'
import { openApi } from './platform/openapi.ts'
import { webRoutes } from './platform/web.ts'

/** The HTTP side of the house: every feature's routes behind one guard. */
export async function createApp (house: House): Promise<App> {
  const app = await createHttp({ log: house.log, publicUrl: house.config.publicUrl, whoCalls: async () => null })
  await openApi(app, house.version)
  healthRoutes(app, house)
  codeRoutes(app, house)
  controllerRoutes(app, house)
  liveRoutes(app, house)
  await webRoutes(app, house)
  return app
}
