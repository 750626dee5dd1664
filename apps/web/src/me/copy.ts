import { t } from '../texts/texts.svelte.ts'
import { toast } from '../ui/toasts.svelte.ts'

/** Puts a text on the clipboard and says whether it got there. */
export async function copyText (text: string): Promise<void> {
  try {
    await navigator.clipboard.writeText(text)
    toast(t('factors.copied'), 'good')
  } catch {
    toast(t('factors.notCopied'), 'alarm')
  }
}
