export type OwnMosquitto = { port: number, folder: string, kill: () => Promise<void>, stop: () => Promise<void>, again: () => Promise<OwnMosquitto> }
export type MosquittoOptions = { login?: { name: string, password: string } | null, tls?: { cert: string, key: string } | null, rights?: string | null, port?: number, folder?: string }
export declare function startMosquitto (options?: MosquittoOptions): Promise<OwnMosquitto>
