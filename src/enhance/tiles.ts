/** Half-open range of pixels along one axis. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

/** A rectangle of pixels. */
export interface Rectangle {
  readonly rows: Span;
  readonly columns: Span;
}

/** One tile of a photo: the pixels it is computed from, and those whose results are valid. */
export interface Tile {
  readonly window: Rectangle;
  readonly core: Rectangle;
}

/** One tile along one axis: the pixels it is computed from (`window`) and those whose results are valid (`core`). */
interface AxisTile {
  readonly window: Span;
  readonly core: Span;
}

export interface TilePlan {
  /** Size of every window, in pixels: multiples of the alignment. */
  readonly window: { readonly height: number; readonly width: number };
  readonly rows: readonly AxisTile[];
  readonly columns: readonly AxisTile[];
}

export interface TileRules {
  /** Tile origins and sizes are multiples of this: 16 for four 2x2 poolings. */
  readonly alignment: number;
  /** Pixels around a core that its values depend on; a multiple of the alignment. */
  readonly halo: number;
  /** The most pixels a window may have. */
  readonly maxPixels: number;
}

/**
 * Splits a picture of height x width (multiples of the alignment) into windows of one size whose cores cover it
 * exactly once, computing the fewest pixels. Each edge of a window either is a border of the picture or lies a full
 * halo beyond its core, so zero padding reaches the core only at the picture's own borders. Undefined when even the
 * smallest windows exceed `maxPixels`.
 */
export function planTiles(height: number, width: number, rules: TileRules): TilePlan | undefined {
  const { alignment, halo, maxPixels } = rules;
  const widths = windowSizes(width, alignment, halo);
  let best: { plan: TilePlan; pixels: number } | undefined;
  for (const tall of windowSizes(height, alignment, halo)) {
    const wide = widths.find((size) => size * tall <= maxPixels);
    if (wide === undefined) continue;
    const rows = axisTiles(height, tall, halo);
    const columns = axisTiles(width, wide, halo);
    const pixels = rows.length * columns.length * tall * wide;
    if (best && pixels >= best.pixels) continue;
    best = { plan: { window: { height: tall, width: wide }, rows, columns }, pixels };
  }
  return best?.plan;
}

/** The smallest window for one tile, two tiles, ..., from the whole size down to one step beyond the halos. */
function windowSizes(size: number, alignment: number, halo: number): number[] {
  const sizes = [size];
  const smallest = 2 * halo + alignment;
  for (let tiles = 2; sizes.at(-1)! > smallest; tiles++) {
    const core = Math.ceil((size - 2 * halo) / tiles / alignment) * alignment;
    const window = core + 2 * halo;
    if (core < alignment) break;
    if (window < sizes.at(-1)!) sizes.push(window);
  }
  return sizes;
}

/** Windows of one size, each starting one halo before its core, pushed inwards at the far border. */
function axisTiles(size: number, window: number, halo: number): AxisTile[] {
  const tiles: AxisTile[] = [];
  let next = 0;
  while (next < size) {
    const start = Math.min(Math.max(next - halo, 0), size - window);
    const end = start + window === size ? size : start + window - halo;
    tiles.push({ window: { start, end: start + window }, core: { start: next, end } });
    next = end;
  }
  return tiles;
}

/** The tiles of a plan, row by row. */
export function tilesOf({ rows, columns }: TilePlan): Tile[] {
  return rows.flatMap((row) =>
    columns.map((column) => ({
      window: { rows: row.window, columns: column.window },
      core: { rows: row.core, columns: column.core },
    })),
  );
}
