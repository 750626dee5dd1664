export declare function checkMetrics (text: string): { code: number | null, said: string }
