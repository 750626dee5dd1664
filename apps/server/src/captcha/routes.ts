import { Captcha } from '@oncekey/protocol/schemas'
import type { House } from '../house.ts'
import type { App } from '../platform/http.ts'
import { makeCaptcha } from './captcha.ts'

export function captchaRoutes (app: App, house: House): void {
  app.get('/api/v1/captcha', { config: { audience: 'everybody' }, schema: { tags: ['sessions'], summary: 'A little work for whoever was answered `captchaNeeded`; the same request goes through with its solution', response: { 200: Captcha } } }, async () => makeCaptcha(house))
}
