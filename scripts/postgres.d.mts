export type Postgres = { url: (name: string) => Promise<string>, at: (name: string) => string, shared: string, stop: () => Promise<void> }
export declare const SHARED: string
export declare function startPostgres (): Promise<Postgres & { pid: number }>
export declare function sharedPostgres (): Promise<Postgres>
