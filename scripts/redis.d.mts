export type OwnRedis = { socket: string, folder: string, pid: number, kill: () => Promise<void>, stop: () => Promise<void> }
export declare const SHARED: string
export declare function startRedis (options?: { settings?: Record<string, string>, folder?: string }): Promise<OwnRedis>
export declare function sharedRedis (): Promise<{ socket: string, stop: () => Promise<void> }>
export declare function redisProgram (): string
export declare function redisBenchmark (): string
