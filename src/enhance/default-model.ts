/** The model of this package that is taken unless another is named. `docs/evaluation.md` says why this one. */
export const DEFAULT_MODEL = 'instant';
