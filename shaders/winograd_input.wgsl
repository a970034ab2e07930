// Winograd F(4x4, 3x3): the overlapping 6x6 tiles of a convolution's input, transformed along both axes.
//
//   v[6 a + b] = (B^T d B)[a][b],  d[r][c] = x[n, i, origin + 4 tile + (r, c)], zero outside
//
// Source   Lavin and Gray, "Fast algorithms for convolutional neural networks", 2016; interpolation points
//          0, +-5/8, +-3/2, infinity: docs/derivations.md
// Layouts  x: [N][C/4][H][W] vec4 over channels, seen as f32. v packs in fours what the product sums over:
//          [36][C/4][rows] vec4 over channels, a row for each tile (convolution), or
//          [36][tiles/4][rows] vec4 over tiles, a row for each channel (SUM_OVER_TILES, weight gradient);
//          point: vec4 from one of the 36 to the next
// Tile     one channel of one tile per invocation: as vec4 it takes five times as long to compile on lavapipe
// Dispatch [columns, ..., C/4], invocations in x and y >= 4 * tiles_padded
// Tiles from `tiles` up to `tiles_padded` are written as zero.

// constants
const WORKGROUP: u32 = 64u;
const SUM_OVER_TILES: bool = false;
// end constants

alias Stored = f32;

struct Params {
  x_blocks: u32, x_h: i32, x_w: i32,
  origin_y: i32, origin_x: i32,
  tiles_y: u32, tiles_x: u32, tiles: u32, tiles_padded: u32,
  rows: u32, point: u32, columns: u32,
}

@group(0) @binding(0) var<uniform> p: Params;
@group(0) @binding(1) var<storage, read> x: array<Stored>;
@group(0) @binding(2) var<storage, read_write> v: array<f32>;

struct Six { p0: f32, p1: f32, p2: f32, p3: f32, p4: f32, p5: f32 }

// B^T d; the points p and -p share their even and odd parts.
fn transform(d: Six) -> Six {
  let even_a = d.p4 - 2.25 * d.p2;
  let odd_a = 0.625 * (d.p3 - 2.25 * d.p1);
  let even_b = d.p4 - 0.390625 * d.p2;
  let odd_b = 1.5 * (d.p3 - 0.390625 * d.p1);
  return Six(
    d.p4 - 2.640625 * d.p2 + 0.87890625 * d.p0,
    even_a + odd_a, even_a - odd_a, even_b + odd_b, even_b - odd_b,
    d.p5 - 2.640625 * d.p3 + 0.87890625 * d.p1);
}

fn pixel(row: i32, column: i32, inside: bool) -> f32 {
  let valid = inside && column >= 0 && column < p.x_w;
  return select(0.0, f32(x[u32(select(0, row + column * 4, valid))]), valid);
}

// Row y of a tile that starts at column x0, transformed.
fn tile_row(plane: i32, y: i32, x0: i32, exists: bool) -> Six {
  let inside = exists && y >= 0 && y < p.x_h;
  let row = plane + y * p.x_w * 4;
  return transform(Six(
    pixel(row, x0, inside), pixel(row, x0 + 1, inside), pixel(row, x0 + 2, inside),
    pixel(row, x0 + 3, inside), pixel(row, x0 + 4, inside), pixel(row, x0 + 5, inside)));
}

// Column b of the result at v[at + 6 step a].
fn store(at: u32, step: u32, values: Six) {
  v[at] = values.p0;
  v[at + step] = values.p1;
  v[at + 2u * step] = values.p2;
  v[at + 3u * step] = values.p3;
  v[at + 4u * step] = values.p4;
  v[at + 5u * step] = values.p5;
}

@compute @workgroup_size(WORKGROUP)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) local: u32) {
  let id = (group.y * p.columns + group.x) * WORKGROUP + local;
  let channel = id % 4u;
  let tile = id / 4u;
  if (tile >= p.tiles_padded) { return; }
  let exists = tile < p.tiles;
  let per_image = p.tiles_y * p.tiles_x;
  let n = tile / per_image;
  let y0 = p.origin_y + i32(tile % per_image / p.tiles_x * 4u);
  let x0 = p.origin_x + i32(tile % p.tiles_x * 4u);
  let plane = i32(n * p.x_blocks + group.z) * p.x_h * p.x_w * 4 + i32(channel);

  let r0 = tile_row(plane, y0, x0, exists);
  let r1 = tile_row(plane, y0 + 1, x0, exists);
  let r2 = tile_row(plane, y0 + 2, x0, exists);
  let r3 = tile_row(plane, y0 + 3, x0, exists);
  let r4 = tile_row(plane, y0 + 4, x0, exists);
  let r5 = tile_row(plane, y0 + 5, x0, exists);

  var at = (group.z * p.rows + tile) * 4u + channel;
  if (SUM_OVER_TILES) {
    at = (tile / 4u * p.rows + group.z * 4u + channel) * 4u + tile % 4u;
  }
  let step = p.point * 4u;
  store(at, 6u * step, transform(Six(r0.p0, r1.p0, r2.p0, r3.p0, r4.p0, r5.p0)));
  store(at + step, 6u * step, transform(Six(r0.p1, r1.p1, r2.p1, r3.p1, r4.p1, r5.p1)));
  store(at + 2u * step, 6u * step, transform(Six(r0.p2, r1.p2, r2.p2, r3.p2, r4.p2, r5.p2)));
  store(at + 3u * step, 6u * step, transform(Six(r0.p3, r1.p3, r2.p3, r3.p3, r4.p3, r5.p3)));
  store(at + 4u * step, 6u * step, transform(Six(r0.p4, r1.p4, r2.p4, r3.p4, r4.p4, r5.p4)));
  store(at + 5u * step, 6u * step, transform(Six(r0.p5, r1.p5, r2.p5, r3.p5, r4.p5, r5.p5)));
}
