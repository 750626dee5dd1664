/**
 * The characters of the display as 5x8 dots: 0x20 to 0x7D, what every HD44780 shows alike. Five columns a
 * character, two hex digits each, lowest bit on top.
 */
const columns =
  '000000000000005f00000007000700147f147f14242a7f2a12231308646236495620500008070300001c2241000041221c002a1c7f1c2a08083e08080080703000080808080800006060002010080402' +
  '3e5149453e00427f400072494949462141494d331814127f1027454545393c4a49493141211109073649494936464949291e003636000000403400000008142241141414141400412214080201590906' +
  '3e415d594e7c1211127c7f494949363e414141227f4141413e7f494949417f090909013e414151737f0808087f00417f41002040413f017f081422417f404040407f021c027f7f0408107f3e4141413e' +
  '7f090909063e4151215e7f09192946264949493203017f01033f4040403f1f2040201f3f4038403f631408146303047804036159494d43007f4141410204081020004141417f04020102044040404040' +
  '000307080020545478407f284444383844444428384444287f385454541800087e090218a4a49c787f0804047800447d40002040403d007f1028440000417f40007c047804787c080404783844444438' +
  'fc1824241818242418fc7c08040408485454542404043f44243c4040207c1c2040201c3c4030403c44281028444c9090907c4464544c44000836410000007700000041360800'

const FIRST = 0x20
const WIDE = 5

/** Dots from one character to the next, and from one row to the next. */
export const STEP = { x: 6, y: 10 }
/** Of one dot, leaving the dark gap between dots. */
const DOT = 0.86

/** The lit dots of a row of text as an SVG path, one unit a dot, `y` dots from the top. A character that the display lacks is left dark. */
export function dotsOf (text: string, y: number): string {
  let path = ''
  for (let place = 0; place < text.length; place++) {
    const at = (text.charCodeAt(place) - FIRST) * WIDE * 2
    for (let column = 0; column < WIDE; column++) {
      const bits = parseInt(columns.slice(at + column * 2, at + column * 2 + 2), 16)
      for (let row = 0; row < 8; row++) {
        if ((bits >> row & 1) === 1) path += `M${place * STEP.x + column} ${y + row}h${DOT}v${DOT}h-${DOT}z`
      }
    }
  }
  return path
}
