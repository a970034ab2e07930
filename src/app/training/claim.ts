/** Shared by all pages of the origin, which share the stored run. */
const LOCK = 'glocal training';

/**
 * Claims the stored run for the life of this worker: two tabs would write to the same log, and one would delete the
 * other's files. Resolves once the run is this tab's.
 *
 * @param onWait called if another tab has it.
 */
export function claimRun(onWait: () => void): Promise<void> {
  const forever = new Promise<never>(() => {});
  return new Promise((resolve, reject) => {
    const take = () => {
      resolve();
      return forever;
    };
    const waitFor = () => {
      onWait();
      return navigator.locks.request(LOCK, take);
    };
    navigator.locks
      .request(LOCK, { ifAvailable: true }, (lock) => (lock ? take() : undefined))
      .then(waitFor)
      .catch(reject);
  });
}
