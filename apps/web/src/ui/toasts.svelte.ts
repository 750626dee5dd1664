/** Short notices at the foot of the page, read out by screen readers; they go by themselves. */
export type Toast = { id: number, text: string, tone: 'good' | 'alarm' | 'plain' }

const stayMs = 6000
let next = 1
let shown = $state.raw<Toast[]>([])

export function toasts (): readonly Toast[] {
  return shown
}

export function toast (text: string, tone: Toast['tone'] = 'plain'): void {
  const id = next++
  shown = [...shown.slice(-2), { id, text, tone }]
  setTimeout(() => dismiss(id), stayMs)
}

export function dismiss (id: number): void {
  shown = shown.filter(each => each.id !== id)
}
