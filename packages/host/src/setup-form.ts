/** The page of the box's own access point, for whoever has no browser that speaks Improv, and what comes back from it. */

/** Where a box belongs: its Wi-Fi, its server, and the fingerprint of the server's own authority ('' = one that is known to all). */
export type Place = { ssid: string, password: string, server: string, fingerprint: string }

const field = (name: string, label: string, more: string): string => '<p><label>' + label + '<br><input name="' + name + '" ' + more + '></label>'

/** One form, no script, nothing of anybody's in it. */
export const setupPage = '<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>Oncekey</title>' +
  '<style>body{font:1.1rem system-ui;max-width:24rem;margin:1rem auto;padding:0 1rem}input,button{font:inherit;width:100%;box-sizing:border-box;min-height:44px}</style>' +
  '<h1>Set up this door</h1><form method="post" action="/">' +
  field('ssid', 'Wi-Fi name', 'required maxlength="32"') +
  field('password', 'Wi-Fi password', 'type="password" maxlength="64"') +
  field('server', 'Address of the server', 'required type="url" placeholder="https://keys.example.org:8443"') +
  field('fingerprint', 'Fingerprint that the server printed, if it did', 'maxlength="100"') +
  '<p><button>Save</button></form>'

export const savedPage = '<!doctype html><html lang="en"><meta charset="utf-8"><title>Oncekey</title><p>Saved. The display says how it goes on.'

/** Reads what a form sent (application/x-www-form-urlencoded); null when something is missing or is no text. */
export function readSetupForm (body: string): Place | null {
  const place: Place = { ssid: '', password: '', server: '', fingerprint: '' }
  for (const pair of body.split('&')) {
    const [name = '', value = ''] = pair.split('=').map((text) => text.split('+').join(' '))
    if (name !== 'ssid' && name !== 'password' && name !== 'server' && name !== 'fingerprint') continue
    try {
      place[name] = decodeURIComponent(value)
    } catch {
      return null
    }
  }
  return place.ssid === '' || addressOf(place.server) === null ? null : place
}

export type Address = { host: string, port: number, isSecure: boolean }

/** 'https://keys.example.org:8443/' -> its parts; null when it is no address. */
export function addressOf (url: string): Address | null {
  const isSecure = url.startsWith('https://')
  if (!isSecure && !url.startsWith('http://')) return null
  const [name = ''] = url.slice(isSecure ? 8 : 7).split('/')
  const colon = name.lastIndexOf(':')
  const host = colon < 0 ? name : name.slice(0, colon)
  const port = colon < 0 ? isSecure ? 443 : 80 : Number(name.slice(colon + 1))
  return host === '' || !Number.isInteger(port) || port < 1 || port > 65_535 ? null : { host, port, isSecure }
}
