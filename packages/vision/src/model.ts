/**
 * A model that is loaded. What runs it is the host's: the server has onnxruntime, tests have functions.
 * @param input planes of 1 x channels x height x width
 * @returns its outputs by their names
 */
export type Model = (input: Float32Array<ArrayBuffer>, shape: readonly [1, number, number, number]) => Promise<Readonly<Record<string, Float32Array>>>

/** An output that the model has to have. @throws Error naming what it has instead */
export function outputOf (outputs: Readonly<Record<string, Float32Array>>, name: string, length: number): Float32Array {
  const values = outputs[name]
  if (values === undefined || values.length !== length) throw new Error(`The model has no output "${name}" of ${length} values: ${Object.entries(outputs).map(([one, { length }]) => `${one} ${length}`).join(', ')}.`)
  return values
}

/** The share of the first in softmax: 0 to 1. */
export function shareOfFirst (values: Float32Array): number {
  const first = values[0]!
  return 1 / values.reduce((sum, value) => sum + Math.exp(value - first), 0)
}
