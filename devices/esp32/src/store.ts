import storage from 'embedded:storage/key-value'
import { pagedStorage, type KeyValue, type Storage } from '@oncekey/host'

/** A name space of NVS. A write is on the flash when it returns. @param path at most 15 characters */
export function openStore (path: string): Storage {
  const opened = storage.open({ path, format: 'string' })
  const store: KeyValue = {
    keys: () => opened,
    read: (key) => opened.read(key),
    write: (key, value) => { opened.write(key, value) },
    delete: (key) => { opened.delete(key) }
  }
  return pagedStorage(store)
}
