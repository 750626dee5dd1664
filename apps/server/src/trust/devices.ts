/** How each kind of device comes to trust an authority, in the words of its own menus. `steps` are HTML. */
export type DeviceGuide = { id: string, name: string, file: string, button: string, steps: readonly string[] }

export const devices: readonly DeviceGuide[] = [
  {
    id: 'ios', name: 'iPhone, iPad', file: 'ca.mobileconfig', button: 'Get the profile',
    steps: [
      'In <b>Safari</b>, press the button above and then <b>Allow</b>.',
      'Open <b>Settings</b>. At the top is <b>Profile Downloaded</b>: press it, then <b>Install</b>.',
      'Go to <b>General › About › Certificate Trust Settings</b> (at the very end) and switch the Oncekey entry <b>on</b>. Without this it does nothing.'
    ]
  },
  {
    id: 'android', name: 'Android', file: 'ca.crt', button: 'Get the certificate',
    steps: [
      'Press the button above; the file goes to <b>Downloads</b>.',
      'In <b>Settings</b>, search for <b>CA certificate</b> (<b>Security › More › Encryption and credentials › Install a certificate</b>).',
      'Press <b>CA certificate</b>, then <b>Install anyway</b>, and choose <b>oncekey-ca.crt</b>. Android’s warning is about authorities of strangers; this one can only speak for your own network.'
    ]
  },
  {
    id: 'windows', name: 'Windows', file: 'ca.crt', button: 'Get the certificate',
    steps: [
      'Open the file <b>oncekey-ca.crt</b> and press <b>Install Certificate…</b>',
      'Choose <b>Current User</b>, then <b>Place all certificates in the following store › Browse › Trusted Root Certification Authorities</b>.',
      'Finish, and answer <b>Yes</b> to Windows’ question. Start the browser again.'
    ]
  },
  {
    id: 'macos', name: 'Mac', file: 'ca.crt', button: 'Get the certificate',
    steps: [
      'Open the file <b>oncekey-ca.crt</b>; <b>Keychain Access</b> asks for a keychain: <b>login</b>.',
      'Double-click the Oncekey entry there, open <b>Trust</b>, and set <b>When using this certificate</b> to <b>Always Trust</b>.',
      'Close the window and give your password.'
    ]
  },
  {
    id: 'linux', name: 'Linux, and Firefox everywhere', file: 'ca.crt', button: 'Get the certificate',
    steps: [
      '<b>Firefox</b>: <b>Settings › Privacy &amp; Security › View Certificates… › Authorities › Import…</b>, choose the file, and tick <b>Trust this CA to identify websites</b>.',
      '<b>Chrome, Chromium</b>: <b>Settings › Privacy and security › Security › Manage certificates › Custom › Import</b> under <b>Trusted certificates</b>.',
      'Programs (Debian, Ubuntu): put <a href="ca.pem">ca.pem</a> into <code>/usr/local/share/ca-certificates/oncekey.crt</code>, then <code>sudo update-ca-certificates</code>. Or for one call: <code>curl --cacert oncekey-ca.pem …</code>'
    ]
  }
]

/** The kind of device that a browser says it is; null when it does not say. */
export function deviceOf (agent: string): string | null {
  if (/iPhone|iPad|iPod/.test(agent)) return 'ios'
  if (/Android/.test(agent)) return 'android'
  if (/Firefox\//.test(agent)) return 'linux'
  if (/Windows/.test(agent)) return 'windows'
  if (/Macintosh/.test(agent)) return 'macos'
  if (/Linux|CrOS/.test(agent)) return 'linux'
  return null
}
