/** Texts by key in IndexedDB, which workers have too. Where the browser keeps nothing, nothing is kept. */

const DATABASE = 'glocal';
const STORE = 'texts';

/** Null where there is none. */
export async function readText(key: string): Promise<string | null> {
  const value = await inStore('readonly', (store) => store.get(key)).catch(() => null);
  return typeof value === 'string' ? value : null;
}

export async function writeText(key: string, text: string): Promise<void> {
  await inStore('readwrite', (store) => store.put(text, key)).catch((error: unknown) => console.info(error));
}

async function inStore<T>(
  mode: IDBTransactionMode,
  ask: (store: IDBObjectStore) => IDBRequest<T>,
): Promise<T> {
  const opening = indexedDB.open(DATABASE, 1);
  opening.onupgradeneeded = () => opening.result.createObjectStore(STORE);
  const database = await settled(opening);
  try {
    return await settled(ask(database.transaction(STORE, mode).objectStore(STORE)));
  } finally {
    database.close();
  }
}

const settled = <T>(request: IDBRequest<T>): Promise<T> =>
  new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
