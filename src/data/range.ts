/** A uniform distribution, [low, high]. */
export type Range = readonly [number, number];
