import Analog from 'embedded:io/analog'

const FULL_MV = 3300

/** Millivolts at the battery; 0 where it is not measured. */
export function openBattery (at: { pin: number, ratio: number } | null): () => number {
  if (at === null) return () => 0
  const { pin, ratio } = at
  const input = new Analog({ pin })
  return () => Math.round(input.read() * FULL_MV * ratio / ((1 << input.resolution) - 1))
}
