/**
 * Starts a module as a dedicated worker with the content security policy of its creator.
 *
 * A worker loaded from the network has the policy of its own response, which on a plain file server is none: photos
 * in it could be sent anywhere. A worker loaded from a blob inherits its creator's policy (HTML standard, "initialize
 * worker policy container").
 *
 * @param url of the module, as `import url from './worker.ts?worker&url'` returns it.
 */
export function startWorker(url: string, name?: string): Worker {
  const module = new URL(url, self.origin).href;
  const source = new Blob([`import ${JSON.stringify(module)};`], { type: 'text/javascript' });
  return new Worker(URL.createObjectURL(source), { type: 'module', ...(name !== undefined && { name }) });
}
