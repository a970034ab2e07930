// Winograd F(4x4, 3x3), weight gradient: 4x4 tiles of the output's gradient, transformed along both axes.
//
//   v[6 a + b] = (A dY A^T)[a][b],  dY[r][c] = dy[n, o, 4 tile + (r, c)], zero outside
//
// Source   the adjoint of the output transform of Lavin and Gray, 2016; points as in winograd_input.wgsl:
//          docs/derivations.md
// Layouts  dy: [N][O/4][H][W] vec4 over channels, seen as f32; v: [36][tiles/4][rows] vec4 over tiles, a row for
//          each channel; point: vec4 from one of the 36 to the next
// Dispatch [columns, ..., O/4], invocations in x and y >= 4 * tiles_padded; one channel of one tile each
// Tiles from `tiles` up to `tiles_padded` are written as zero.

// constants
const WORKGROUP: u32 = 64u;
// end constants

struct Params {
  dy_blocks: u32, dy_h: u32, dy_w: u32,
  tiles_y: u32, tiles_x: u32, tiles: u32, tiles_padded: u32,
  rows: u32, point: u32, columns: u32,
}

@group(0) @binding(0) var<uniform> p: Params;
@group(0) @binding(1) var<storage, read> dy: array<f32>;
@group(0) @binding(2) var<storage, read_write> v: array<f32>;

struct Six { p0: f32, p1: f32, p2: f32, p3: f32, p4: f32, p5: f32 }

// A d
fn transform(d: vec4f) -> Six {
  let even_a = d.x + 0.390625 * d.z;
  let odd_a = 0.625 * d.y + 0.244140625 * d.w;
  let even_b = d.x + 2.25 * d.z;
  let odd_b = 1.5 * d.y + 3.375 * d.w;
  return Six(d.x, even_a + odd_a, even_a - odd_a, even_b + odd_b, even_b - odd_b, d.w);
}

fn pixel(row: u32, column: u32, inside: bool) -> f32 {
  let valid = inside && column < p.dy_w;
  return select(0.0, dy[select(0u, row + column * 4u, valid)], valid);
}

fn tile_row(plane: u32, y: u32, x0: u32, exists: bool) -> Six {
  let inside = exists && y < p.dy_h;
  let row = plane + y * p.dy_w * 4u;
  return transform(vec4f(
    pixel(row, x0, inside), pixel(row, x0 + 1u, inside), pixel(row, x0 + 2u, inside), pixel(row, x0 + 3u, inside)));
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
  let y0 = tile % per_image / p.tiles_x * 4u;
  let x0 = tile % p.tiles_x * 4u;
  let plane = (n * p.dy_blocks + group.z) * p.dy_h * p.dy_w * 4u + channel;

  let r0 = tile_row(plane, y0, x0, exists);
  let r1 = tile_row(plane, y0 + 1u, x0, exists);
  let r2 = tile_row(plane, y0 + 2u, x0, exists);
  let r3 = tile_row(plane, y0 + 3u, x0, exists);

  let at = (tile / 4u * p.rows + group.z * 4u + channel) * 4u + tile % 4u;
  let step = p.point * 4u;
  store(at, 6u * step, transform(vec4f(r0.p0, r1.p0, r2.p0, r3.p0)));
  store(at + step, 6u * step, transform(vec4f(r0.p1, r1.p1, r2.p1, r3.p1)));
  store(at + 2u * step, 6u * step, transform(vec4f(r0.p2, r1.p2, r2.p2, r3.p2)));
  store(at + 3u * step, 6u * step, transform(vec4f(r0.p3, r1.p3, r2.p3, r3.p3)));
  store(at + 4u * step, 6u * step, transform(vec4f(r0.p4, r1.p4, r2.p4, r3.p4)));
  store(at + 5u * step, 6u * step, transform(vec4f(r0.p5, r1.p5, r2.p5, r3.p5)));
}
