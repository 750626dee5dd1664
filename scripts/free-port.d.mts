export declare function freePort (below?: number): Promise<number>
