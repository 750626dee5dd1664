import { readerPolicy } from '@oncekey/otp'
import { lockoutMinutes, type AlarmTexts } from './told.ts'

export const ar: AlarmTexts = {
  when: 'الوقت', over: 'انتهى ذلك.', again: (times) => `عدد المرات: ${times}.`, more: (count) => `وغيرها: ${count}`,
  many: (count, subject) => `${subject}: عدد الإنذارات ${count}`, assigned: (who, subject) => `إنذار أُسند إليكم من ${who}: ${subject}`,
  kinds: {
    lockout: {
      subject: 'لوحة الأرقام مقفلة', todo: 'ما زال فتح القفل عن بُعد ممكنًا. ويمكن إنهاء الإقفال في صفحة «مباشر» مع ذكر السبب:',
      what: (told) => told.details['resting'] === true
        ? `${told.place}: بلغ عدد الرموز الخاطئة في 24 ساعة الحد الآمن. تتوقف لوحة الأرقام، والمدة بالدقائق: ${lockoutMinutes(told)}.`
        : told.details['source'] === 'controller' ? `${told.place}: أُدخلت رموز خاطئة كثيرة أثناء انقطاع الاتصال. لوحة الأرقام مقفلة، والمدة بالدقائق: ${lockoutMinutes(told)}.`
          : `${told.place}: أُدخلت رموز خاطئة متتالية، وعددها ${readerPolicy.triesInARow}. لوحة الأرقام مقفلة، والمدة بالدقائق: ${lockoutMinutes(told)}.`
    },
    forced: { subject: 'باب مفتوح عنوة', what: ({ place }) => `${place}: فُتح مع أن مزلاجه مقفل.`, todo: 'ينبغي أن يعاين أحد المكان. وما حدث قبل ذلك في السجل:' },
    held: { subject: 'باب متروك مفتوحًا', what: ({ place }) => `${place}: بقي مفتوحًا أطول من المسموح.`, todo: 'ينبغي أن يغلقه أحد:' },
    jammed: { subject: 'قفل عالق', what: ({ place }) => `${place}: لم يتحرك المزلاج.`, todo: 'يُرجى النظر إن كان شيء يعيقه، ثم قفله أو فتح قفله مرة أخرى:' },
    tamper: {
      subject: 'اشتباه في عبث', todo: 'يُرجى فحص وحدة التحكم وكابلاتها. إن لم يظهر سبب، فإزالة وحدة التحكم ثم ضمها من جديد:',
      what: ({ place, details }) => details['event'] === 'controller.duplicated' ? `${place}: جهازان يعرّفان نفسيهما بهذا الاسم.` : details['event'] === 'controller.wiped' ? `${place}: مُحيت الذاكرة.`
        : details['event'] === 'access.unexplained' ? `${place}: فُتح برمز لم يُنشئه أحد هنا.` : `${place}: وردت بهذا الاسم رسائل لم يرسلها الجهاز.`
    },
    offLine: { subject: 'دون اتصال', what: ({ place }) => `${place}: دون اتصال. لا يمكن الفتح عن بُعد، ولا تفتح الآن إلا الرموز التي تعمل بلا شبكة.`, todo: 'يُرجى فحص التيار والشبكة:' },
    battery: { subject: 'البطارية ضعيفة', what: ({ place, details }) => details['event'] === 'battery.critical' ? `${place}: البطارية شبه فارغة. لا تُصدر لها رموز جديدة.` : `${place}: البطارية ضعيفة.`, todo: 'يُرجى شحنها أو تبديلها:' },
    gap: { subject: 'أحداث ناقصة', what: ({ place }) => `${place}: في ما سُجّل فجوة، أو أنه لا يوافق ما سُجّل من قبل.`, todo: 'امتلأت الذاكرة أو استُبدلت أو عُبث بها. في السجل بيان الأحداث:' },
    refused: { subject: 'محاولات مرفوضة', what: ({ place, times }) => `${place}: عدد المحاولات المرفوضة ${times}.`, todo: 'كل محاولة وسببها في السجل:' },
    duress: { subject: 'نداء استغاثة', what: ({ place, details }) => `${place}: هناك شخص يُكرَه على الفتح. أُدخل رمز PIN الثاني: ${String(details['pin'] ?? '')}. يعمل الباب كالمعتاد ولا يُظهر شيئًا.`, todo: 'يُرجى طلب النجدة، دون الاتصال بذلك الشخص ودون الذهاب على انفراد. لا يُنهى الإنذار إلا بعد سلامة الجميع: عندها يكون في السجل لكل من يعمل هنا.' }
  }
}
