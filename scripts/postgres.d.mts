export type Postgres = { url: (name: string) => Promise<string>, shared: string, stop: () => Promise<void> }
export declare const SHARED: string
export declare function startPostgres (): Promise<Postgres>
export declare function sharedPostgres (): Promise<Postgres>
