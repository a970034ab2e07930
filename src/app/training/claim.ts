/** One for all pages of the origin, as they share the run that is kept there. */
const LOCK = 'glocal training';

/**
 * Takes the kept run for as long as this worker lives: two tabs would train into one log, and one would discard what
 * the other writes. Resolves once it is this tab's.
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
