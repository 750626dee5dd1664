/**
 * Node's plain HTTP, by the one way that costs nothing: an `import` of it reads every export, the getter of `WebSocket`
 * too, and that loads Node's second HTTP client whole: 14 MB of an idle server (seen with Node 24.21).
 */
export const { createServer, request } = process.getBuiltinModule('node:http')
