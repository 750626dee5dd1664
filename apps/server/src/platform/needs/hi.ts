import type { Needs } from './en.ts'

export const hi: Needs = {
  isMissing: 'यह खाली है', notEmpty: 'यह खाली नहीं हो सकता', needsCharacters: (least) => `कम से कम ${least} अक्षर चाहिए`, fewerCharacters: (most) => `ज़्यादा से ज़्यादा ${most} अक्षर हो सकते हैं`,
  atLeast: (least) => `कम से कम ${least} चाहिए`, atMost: (most) => `ज़्यादा से ज़्यादा ${most} हो सकता है`, otherForm: 'इसका रूप सही नहीं है', doesNotFit: 'यह यहाँ नहीं चलता',

  mailDomain: 'कम से कम एक मेल डोमेन बताएँ, जैसे example.org।',
  mailOf: (domains) => `पता ${domains.map((one) => `@${one}`).join(' या ')} पर खत्म होना चाहिए।`,
  taken: 'यह पहले से किसी और का है। दूसरा चुनें।',
  ownAlready: 'यह तो अभी आपका ही है।',
  emailAddress: 'एक ई-मेल पता लिखें, अकेला और बिना खाली जगह के।',
  ownPhone: 'अपना फ़ोन नंबर + और देश के कोड के साथ लिखें, जैसे +49 151 23456789।',
  mailOrPhone: 'ई-मेल पता लिखें, या + और देश के कोड के साथ फ़ोन नंबर, जैसे +49 151 23456789।',
  callable: 'ऐसा नंबर नहीं हो सकता: अंक कम या ज़्यादा हैं, या यह किसी को नहीं दिया गया। इसे जाँचें।',
  noMessages: 'दूसरा नंबर लिखें: इस पर कॉल महँगी है, या इस पर संदेश नहीं आते।',
  timeZone: 'IANA समय क्षेत्र बताएँ, जैसे Asia/Kolkata।',

  passwordIsSite: 'यह इस जगह का नाम है। कुछ ऐसा लें जो दूसरे न जानते हों।',
  passwordBreached: 'यह कहीं और चोरी हुआ है और अंदाज़ा लगाने वाले प्रोग्रामों की सूचियों में है। दूसरा लें, और जहाँ यह चलता है वहाँ भी बदलें।',
  passwordCommon: 'सबसे पहले इसी का अंदाज़ा लगाया जाता है। कुछ ऐसे शब्द लें जिनका आपस में मेल न हो।',
  passwordIsOwn: 'यह नाम या पता ही है। कुछ ऐसा लें जो दूसरे न जानते हों।',

  afterStart: 'अंत शुरुआत के बाद होना चाहिए।', inFuture: 'अंत आगे के समय में होना चाहिए।', within30Days: 'अगले 30 दिनों में से कोई समय बताएँ।', dayOfCalendar: 'ऐसा कोई दिन नहीं है।', gone: 'यह अब नहीं है।',
  personOrAddress: 'कोई व्यक्ति चुनें, या पता लिखें।', fewerRecipients: (most) => `इस दरवाज़े पर पहले से ${most} हैं; इससे ज़्यादा नहीं हो सकते।`,

  rangeTooMany: (most) => `${most} से ज़्यादा नाम हैं। कई कैबिनेट बनाएँ।`, rangeEmpty: 'कम से कम एक लॉकर बताएँ, जैसे A01-A12।',
  rangeTwice: (name) => `“${name}” दो बार है।`, rangeLong: (name, most) => `“${name}” में ${most} से ज़्यादा अक्षर हैं।`, rangeSign: 'इसमें ऐसा अक्षर है जो दिखाया नहीं जा सकता।',
  rangeLetters: (part) => `“${part}”: दोनों सिरे एक ही अक्षरों से शुरू होने चाहिए।`, rangeOrder: (part) => `“${part}”: पहली संख्या आखिरी से बड़ी नहीं हो सकती।`,
  rangePartTooMany: (part, most) => `“${part}”: ${most} से ज़्यादा नाम हैं। कई कैबिनेट बनाएँ।`,

  wholeNumber: (least, most) => `${least} से ${most} तक की पूरी संख्या बताएँ।`, oneOf: (choices) => `इनमें से एक चुनें: ${choices.join(', ')}।`, onOrOff: 'यह या तो चालू है या बंद।', seeHelp: 'इसका रूप दूसरा है: साथ की मदद में लिखा है कौन-सा।',

  lockerAddress: 'लॉकर पर चलने वाले प्रोग्राम का पता बताएँ।', noLockerAddress: 'इसे खाली रखें: केवल लॉकर को उसके कोड बताए जाते हैं।', nearAddress: 'अपने नेटवर्क का पता अंकों में बताएँ, जैसे http://192.168.1.40।',
  brokerPassword: 'पासवर्ड फिर से डालें: ब्रोकर दूसरा है।',
  hookUrl: 'एक URL बताएँ, जैसे https://shop.example.org/webhooks।', hookScheme: 'https:// से शुरू होने वाला पता बताएँ (http केवल ONCEKEY_WEBHOOK_NETWORKS के नेटवर्कों में)।',
  hookCredentials: 'पते से यूज़र नाम और पासवर्ड हटाएँ: संदेशों पर हस्ताक्षर होते हैं।', hookPort: 'पोर्ट 80, 443 या 1024 से आगे का कोई लें।',
  hookAddress: 'ऐसा पता बताएँ जहाँ सब पहुँच सकें; अपने नेटवर्क ONCEKEY_WEBHOOK_NETWORKS में लिखे जाते हैं।',

  templateNoCode: 'जहाँ कोड आना है वहाँ {code}', templateOneCode: '{code} केवल एक बार', templateCodeInSubject: '{code} नहीं: विषय लॉक स्क्रीन पर दिखता है, और मेल सर्वर उसे रखते हैं',
  templateWords: 'कुछ शब्द', templateNoSubject: 'खाली रखें: विषय केवल ई-मेल में होता है', templateOneLine: 'एक पंक्ति, बिना नियंत्रण अक्षरों के',
  templateSigns: 'पंक्ति बदलने के सिवा कोई नियंत्रण अक्षर नहीं, और ऐसा कोई नहीं जो आगे की दिशा पलटे',
  templateStrange: (what) => `${what} का यहाँ कोई अर्थ नहीं; {code}, {site} और {minutes} चलते हैं`, templateLink: 'कोई लिंक या पता नहीं: जो आपके लिंक खोलना सीखते हैं, वे चोर के भी खोलते हैं',
  templateAt: '@ से शुरू होने वाली पंक्ति नहीं: ब्राउज़र की पंक्ति अपने आप जुड़ती है',
  templateLong: (characters, isGsm) => `कम अक्षर: आम नाम और होस्ट के साथ ये ${characters} हैं (${isGsm ? 'एक SMS में 160 आते हैं' : 'एक SMS में 70 आते हैं, क्योंकि एक चिह्न SMS की वर्णमाला में नहीं है, और दो में 134'})`
}
