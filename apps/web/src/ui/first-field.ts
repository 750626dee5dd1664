/** For a form in a sheet, which opens when all of it is there: it begins at its first field, unless something to press comes before. */
export function firstField (form: HTMLElement): void {
  const first = form.querySelector<HTMLElement>('input:not([hidden]), select, textarea, button, a')
  if (first?.matches('input, select, textarea')) first.autofocus = true
}
