/**
 * Faces: find, measure, compare, and tell a living one from a picture of one. No Node, no DOM, no clock: images come as pixels,
 * and models as functions that somebody else runs.
 */
export { imageOf } from './image.ts'
export type { Box, Image, Point } from './image.ts'
export type { Model } from './model.ts'
export { analyse, embeddingOf, eyesIn, largestFace, livenessOf } from './frame.ts'
export type { Face, Frame, Models } from './frame.ts'
export { DIMENSIONS, likeness, meanOf } from './embed.ts'
export type { Embedding } from './embed.ts'
export { findBlinks } from './blink.ts'
export type { EyesAt } from './blink.ts'
export type { Eyes } from './eyes.ts'
export type { Fault } from './quality.ts'
export type { Pose } from './pose.ts'
export { accuracyInFolds, addScore, equalError, newScores, ratesAt, ratesAtFmr, ratesOf } from './scores.ts'
export type { Compared, Rates, Scores } from './scores.ts'
export { ratesByGroup } from './groups.ts'
export type { GroupRates, GroupReport, GroupScore, Share } from './groups.ts'
