import { t } from '../texts/texts.svelte.ts'
import { toast } from '../ui/toasts.svelte.ts'

/** Puts an example on the clipboard; where the browser does not let us, it can be selected by hand. */
export async function copy (text: string): Promise<void> {
  try {
    await navigator.clipboard.writeText(text)
    toast(t('code.copied'), 'good')
  } catch {
    toast(t('dev.copyByHand'))
  }
}
