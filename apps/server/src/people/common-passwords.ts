import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'

/**
 * The 17,950 most frequent ones of eight characters and more, as the first four bytes of their SHA-256, big-endian, sorted
 * (see scripts/write-common-passwords.ts). One of 240,000 other passwords is taken for one of them.
 */
const LIST = join(import.meta.dirname, 'common-passwords.bin')

/**
 * Whether guessing programs try this one first, as it is or with signs that look like letters (`p@ssw0rd`): that is the first
 * thing they vary.
 * @param plain in lower case and NFC
 */
export function isCommon (plain: string): boolean {
  const spellings = new Set([plain, unlike(plain, 'i'), unlike(plain, 'l')])
  // Read each time: passwords are chosen rarely, and 72 kB need not stay in memory for that.
  const list = readFileSync(LIST)
  return [...spellings].some((one) => own.has(one) || holds(list, commonHash(one)))
}

/** Of a password in lower case and NFC: 32 bits. */
export function commonHash (plain: string): number {
  return createHash('sha256').update(plain).digest().readUInt32BE()
}

function unlike (plain: string, one: 'i' | 'l'): string {
  return plain.replaceAll(/[@4]/g, 'a').replaceAll('3', 'e').replaceAll(/[1!|]/g, one).replaceAll('0', 'o').replaceAll(/[5$]/g, 's').replaceAll('7', 't')
}

function holds (list: Buffer, hash: number): boolean {
  let low = 0
  let high = list.length / 4
  while (low < high) {
    const middle = (low + high) >> 1
    const here = list.readUInt32BE(middle * 4)
    if (here === hash) return true
    if (here < hash) low = middle + 1
    else high = middle
  }
  return false
}

/** Those that belong to this program, to keyboards and languages that the list knows little of, and to these years. */
const own: ReadonlySet<string> = new Set(`
password passw0rd p@ssword p@ssw0rd pa$$word password1 password12 password123 password1234 password! password1! passwort passwort1 passwort123 motdepasse contrasena contraseña
12345678 123456789 1234567890 12345678910 123123123 12341234 11223344 112233445566 87654321 987654321 0987654321 123456789a a123456789 a12345678 1a2b3c4d 147258369 789456123 741852963 159357456
qwertyui qwertyuiop qwerty12 qwerty123 qwerty1234 qwerty12345 qwertz123 qwertzui qwertzuiop azertyui azertyuiop azerty123 1q2w3e4r 1q2w3e4r5t 1qaz2wsx 1qaz@wsx 1qazxsw2 q1w2e3r4 zaq12wsx zaq1zaq1 asdfghjk asdfghjkl asdf1234 asdfasdf qweasdzxc qazwsxedc qwer1234 zxcvbnm1 zxcvbnm123 poiuytrewq lkjhgfdsa
abcd1234 abc12345 abc123456 abcdefgh abcdefghi abcdef123 aa123456 a1b2c3d4 test1234 test12345 testtest testtest1 testing1 testing123
iloveyou iloveyou1 iloveyou2 iloveu123 iloveme1 loveyou1 lovelove mylove123 ichliebedich teamomucho jetaime1
admin123 admin1234 admin12345 administrator administrador administrateur admin@123 adminadmin rootroot root1234 superuser superman superman1 letmein1 letmein123 letmeinplease welcome1 welcome12 welcome123 willkommen bienvenue bienvenido changeme changeme1 changeme123 changeit default1 guest123 user1234 username login123 secret12 secret123 temp1234 temppass nopassword mypassword newpassword oldpassword masterkey master123 access14 trustno1 trustnoone
football football1 baseball baseball1 basketball softball1 volleyball liverpool liverpool1 chelsea1 arsenal1 barcelona barcelona1 realmadrid manchester juventus1 eagles123 cowboys1 steelers yankees1 lakers24
princess princess1 sunshine sunshine1 butterfly chocolate cupcakes1 babygirl1 sweetheart beautiful blessed1 precious friends1 forever1 whatever whatever1 computer computer1 internet internet1 starwars starwars1 pokemon1 pokemon123 dragon123 monkey123 shadow123 batman123 spiderman spiderman1 michael1 michelle michelle1 jennifer jennifer1 jessica1 charlie1 charlotte elizabeth alexander alexandra christian christina benjamin nicholas samantha samsung1 samsung123 apple123 google123 facebook facebook1 linkedin minecraft fortnite1 mustang1 corvette mercedes porsche1 ferrari1 yamaha123 summer123 summer2024 summer2025 summer2026 winter123 winter2024 winter2025 winter2026 spring2025 spring2026 autumn2025 january1 december1 november1 monday123 freedom1 america1 elephant einstein hello123 hello1234 hellohello goodluck godisgood jesus123 jesuschrist corvette1 scorpion1 dolphin1 thunder1 maverick phoenix1 snowball1 tinkerbell midnight1 strawberry blink182 metallica metallica1 slipknot1 nirvana1 matrix123 killer123 hunter12 hunter123 hunter2hunter2
correcthorsebatterystaple correct horse battery staple
oncekey1 oncekey123 oncekeyoncekey opensesame open sesame locker123 lockerlocker door1234 smartlock smartlocker
`.trim().split(/\s+/).concat('correct horse battery staple', 'open sesame'))
