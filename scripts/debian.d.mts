export declare function canInstall (): boolean
export declare function install (what: string, ...packages: string[]): void
