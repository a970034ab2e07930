/** The default among this package's models; `docs/evaluation.md` gives the reasons. */
export const DEFAULT_MODEL = 'instant';
