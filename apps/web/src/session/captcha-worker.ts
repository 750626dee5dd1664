import { solveCaptcha } from '@oncekey/protocol/captcha'
import type { Captcha } from '@oncekey/protocol/schemas'

onmessage = ({ data }: MessageEvent<Captcha>) => {
  postMessage(solveCaptcha(data))
}
