export const Id = 1
