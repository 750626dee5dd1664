import { readerPolicy } from '@oncekey/otp'
import { lockoutMinutes, type AlarmTexts } from './told.ts'

export const hi: AlarmTexts = {
  when: 'कब', over: 'यह खत्म हो चुका है।', again: (times) => `ऐसा ${times} बार हुआ है।`, more: (count) => `और ${count}`,
  many: (count, subject) => `${subject}: ${count} अलार्म`, assigned: (who, subject) => `${who} ने आपको एक अलार्म सौंपा: ${subject}`,
  kinds: {
    lockout: {
      subject: 'कीपैड लॉक', todo: 'दूर से अनलॉक करना अब भी चलता है। कीपैड का लॉक आप “लाइव” पेज पर कारण बताकर हटा सकते हैं:',
      what: (told) => told.details['resting'] === true
        ? `${told.place}: 24 घंटों में कीपैड पर उतने गलत कोड डाले गए जितने सुरक्षित हैं। कीपैड ${lockoutMinutes(told)} मिनट बंद रहेगा।`
        : told.details['source'] === 'controller' ? `${told.place}: कनेक्शन न होने के दौरान बहुत-से गलत कोड डाले गए। कीपैड ${lockoutMinutes(told)} मिनट के लिए लॉक है।`
          : `${told.place}: लगातार ${readerPolicy.triesInARow} गलत कोड डाले गए। कीपैड ${lockoutMinutes(told)} मिनट के लिए लॉक है।`
    },
    forced: { subject: 'दरवाज़ा ज़बरन खोला गया', what: ({ place }) => `${place}: बोल्ट लॉक होने पर भी खोला गया।`, todo: 'किसी को वहाँ जाकर देखना चाहिए। पहले क्या हुआ, यह रिकॉर्ड में है:' },
    held: { subject: 'दरवाज़ा खुला रह गया', what: ({ place }) => `${place}: तय समय से ज़्यादा देर तक खुला है।`, todo: 'किसी को इसे बंद करना चाहिए:' },
    jammed: { subject: 'ताला अटका', what: ({ place }) => `${place}: बोल्ट नहीं हिला।`, todo: 'देखें कि कुछ बीच में तो नहीं है, फिर एक बार और लॉक या अनलॉक करें:' },
    tamper: {
      subject: 'छेड़छाड़ का शक', todo: 'कंट्रोलर और उसके तार देखें। अगर कारण समझ न आए, तो कंट्रोलर को हटाकर फिर से जोड़ें:',
      what: ({ place, details }) => details['event'] === 'controller.duplicated' ? `दो डिवाइस अपने को यही बताते हैं: ${place}।` : details['event'] === 'controller.wiped' ? `${place}: मेमोरी मिटाई गई।`
        : details['event'] === 'access.unexplained' ? `${place}: ऐसे कोड से खुला जो यहाँ किसी ने नहीं बनाया।` : `${place}: इस नाम से ऐसे संदेश आए जो इस डिवाइस ने नहीं भेजे।`
    },
    offLine: { subject: 'ऑफ़लाइन', what: ({ place }) => `${place}: ऑफ़लाइन। दूर से कोई नहीं खोल सकता; अभी केवल बिना नेटवर्क के कोड खोलते हैं।`, todo: 'इसकी बिजली और नेटवर्क देखें:' },
    battery: { subject: 'बैटरी कम', what: ({ place, details }) => details['event'] === 'battery.critical' ? `${place}: बैटरी लगभग खाली है। यहाँ के लिए नए कोड नहीं दिए जाते।` : `${place}: बैटरी कम है।`, todo: 'इसे चार्ज करें या बदलें:' },
    gap: { subject: 'घटनाएँ गायब हैं', what: ({ place }) => `${place}: जो दर्ज हुआ उसमें कुछ छूटा है, या वह पहले दर्ज हुए से मेल नहीं खाता।`, todo: 'मेमोरी भर गई थी, बदली गई, या उसमें छेड़छाड़ हुई। कौन-सी घटनाएँ, यह रिकॉर्ड में है:' },
    refused: { subject: 'अस्वीकृत कोशिशें', what: ({ place, times }) => `${place}: ${times} कोशिशें अस्वीकृत हुईं।`, todo: 'हर एक अपने कारण के साथ रिकॉर्ड में है:' },
    duress: { subject: 'मदद की पुकार', what: ({ place, details }) => `${place}: यहाँ किसी को मजबूर किया जा रहा है। दूसरा PIN डाला गया: ${String(details['pin'] ?? '')}। दरवाज़ा हमेशा की तरह चलता है और कुछ नहीं दिखाता।`, todo: 'मदद बुलाएँ। उन्हें फ़ोन न करें, और अकेले न जाएँ। अलार्म तभी समाप्त करें जब सब सुरक्षित हों: तब यह यहाँ काम करने वाले सभी के लिए रिकॉर्ड में होता है।' }
  }
}
