import { draw, placeBox, type Box, type Form, type Image } from './image.ts'
import { outputOf, shareOfFirst, type Model } from './model.ts'

const FORM: Form = { width: 128, height: 128, colours: 'bgr', mean: 0, spread: 1 }
/** So much of what is around a face the model was trained with: the edge of a print or a screen shows there. */
const AROUND = 2.7
/** Less than this of it may be missing on any side; with more, what the model says means nothing. */
const MOST_MISSING = 0.2

/** The box with what has to be seen around it. */
export function surroundings ({ left, top, width, height }: Box): Box {
  return { left: left - width * (AROUND - 1) / 2, top: top - height * (AROUND - 1) / 2, width: width * AROUND, height: height * AROUND }
}

/** Whether enough is to be seen around a face to judge it: whoever is too near is asked to move back. */
export function hasSurroundings (image: Image, box: Box): boolean {
  const { left, top, width, height } = surroundings(box)
  return left > -MOST_MISSING * width && top > -MOST_MISSING * height && left + width < image.width + MOST_MISSING * width && top + height < image.height + MOST_MISSING * height
}

/** How much of a living face there is in one frame, 0 to 1. Alone it says little: see challenge.ts. */
export async function seemsAlive (model: Model, image: Image, box: Box): Promise<number> {
  return shareOfFirst(outputOf(await model(draw(image, placeBox(within(image, surroundings(box)), FORM), FORM), [1, 3, FORM.height, FORM.width]), 'output', 3))
}

/** As large as it can be in the image with its proportions, and moved into it. */
function within (image: Image, box: Box): Box {
  const share = Math.min(1, image.width / box.width, image.height / box.height)
  const [width, height] = [box.width * share, box.height * share]
  const [left, top] = [box.left + (box.width - width) / 2, box.top + (box.height - height) / 2]
  return { left: Math.min(Math.max(0, left), image.width - width), top: Math.min(Math.max(0, top), image.height - height), width, height }
}
