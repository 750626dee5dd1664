import { createHash } from 'node:crypto'
import type { Authority } from '../platform/tls/tls.ts'

/** A configuration profile for iPhones, iPads and Macs that holds one thing, the authority's certificate. The same each time. */
export function appleProfile ({ name, der, fingerprint }: Pick<Authority, 'name' | 'der' | 'fingerprint'>): string {
  const uuid = (what: string): string => {
    const hex = createHash('sha256').update(what + fingerprint).digest('hex')
    return [hex.slice(0, 8), hex.slice(8, 12), '5' + hex.slice(13, 16), 'a' + hex.slice(17, 20), hex.slice(20, 32)].join('-').toUpperCase()
  }
  const id = `org.oncekey.authority.${fingerprint.replaceAll(':', '').slice(0, 16).toLowerCase()}`
  return `<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "http://www.apple.com/DTDs/PropertyList-1.0.dtd">
<plist version="1.0"><dict>
<key>PayloadType</key><string>Configuration</string><key>PayloadVersion</key><integer>1</integer>
<key>PayloadIdentifier</key><string>${id}</string><key>PayloadUUID</key><string>${uuid('profile')}</string>
<key>PayloadDisplayName</key><string>${escape(name)}</string>
<key>PayloadDescription</key><string>Lets this device trust one Oncekey server. SHA-256 ${fingerprint}</string>
<key>PayloadContent</key><array><dict>
<key>PayloadType</key><string>com.apple.security.root</string><key>PayloadVersion</key><integer>1</integer>
<key>PayloadIdentifier</key><string>${id}.root</string><key>PayloadUUID</key><string>${uuid('root')}</string>
<key>PayloadDisplayName</key><string>${escape(name)}</string><key>PayloadCertificateFileName</key><string>oncekey-ca.crt</string>
<key>PayloadContent</key><data>${der.toString('base64')}</data>
</dict></array>
</dict></plist>
`
}

function escape (text: string): string {
  return text.replace(/[&<>"']/g, (sign) => `&#${sign.charCodeAt(0)};`)
}
