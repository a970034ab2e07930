// Winograd F(4x4, 3x3): transforms tiles of pixels along both axes to the 36 points of the products, and back.
//
//   input            v[6 a + b] = (B^T d B)[a][b],  d[r][c] = x[n, i, origin + 4 tile + (r, c)], zero outside
//   output           y[n, o, 4 tile + (r, c)] = act(bias[o] + (A^T m A)[r][c]),  m[a][b] = m[6 a + b]
//   output_gradient  v[6 a + b] = (A d A^T)[a][b],  d[r][c] = dy[n, o, 4 tile + (r, c)], zero outside
//
// Source   Lavin and Gray, "Fast algorithms for convolutional neural networks", 2016; output_gradient is the adjoint
//          of output. Interpolation points 0, +-5/8, +-3/2, infinity: docs/derivations.md
// Layouts  x, y, dy (bound as x): [N][C/4][H][W] vec4 over channels; bias: [C4]. The vec4 of v and m are over what the
//          product sums: [36][C/4][rows] over channels, a row for each tile; with SUM_OVER_TILES and for dy (weight
//          gradient), [36][tiles/4][rows] over tiles, a row for each channel. All are bound as f32; point: vec4 from one
//          of the 36 to the next
// Tile     one channel of one tile per invocation: with vec4, lavapipe compiles five times as long
// Dispatch [columns, ..., C/4], invocations in x and y >= 4 * tiles_padded
// Tiles past `tiles`, up to `tiles_padded`, are written as zero.

// constants
const WORKGROUP: u32 = 64u;
const SUM_OVER_TILES: bool = false;
const RELU: bool = false;
const BIAS: bool = false;
// end constants

alias Stored = f32;

struct Params {
  blocks: u32, h: i32, w: i32,
  origin_y: i32, origin_x: i32,
  tiles_y: u32, tiles_x: u32, tiles: u32, tiles_padded: u32,
  rows: u32, point: u32, columns: u32,
}

@group(0) @binding(0) var<uniform> p: Params;
@group(0) @binding(1) var<storage, read> x: array<Stored>;
@group(0) @binding(2) var<storage, read_write> v: array<f32>;
@group(0) @binding(1) var<storage, read> m: array<f32>;
@group(0) @binding(2) var<storage, read> bias: array<f32>;
@group(0) @binding(3) var<storage, read_write> y: array<Stored>;

struct Six { p0: f32, p1: f32, p2: f32, p3: f32, p4: f32, p5: f32 }

// B^T d; points p and -p share their even and odd parts.
fn input_transform(d: Six) -> Six {
  let even_a = d.p4 - 2.25 * d.p2;
  let odd_a = 0.625 * (d.p3 - 2.25 * d.p1);
  let even_b = d.p4 - 0.390625 * d.p2;
  let odd_b = 1.5 * (d.p3 - 0.390625 * d.p1);
  return Six(
    d.p4 - 2.640625 * d.p2 + 0.87890625 * d.p0,
    even_a + odd_a, even_a - odd_a, even_b + odd_b, even_b - odd_b,
    d.p5 - 2.640625 * d.p3 + 0.87890625 * d.p1);
}

// A^T m
fn output_transform(m: Six) -> vec4f {
  let even_a = m.p1 + m.p2;
  let odd_a = m.p1 - m.p2;
  let even_b = m.p3 + m.p4;
  let odd_b = m.p3 - m.p4;
  return vec4f(
    m.p0 + even_a + even_b,
    0.625 * odd_a + 1.5 * odd_b,
    0.390625 * even_a + 2.25 * even_b,
    0.244140625 * odd_a + 3.375 * odd_b + m.p5);
}

// A d
fn gradient_transform(d: vec4f) -> Six {
  let even_a = d.x + 0.390625 * d.z;
  let odd_a = 0.625 * d.y + 0.244140625 * d.w;
  let even_b = d.x + 2.25 * d.z;
  let odd_b = 1.5 * d.y + 3.375 * d.w;
  return Six(d.x, even_a + odd_a, even_a - odd_a, even_b + odd_b, even_b - odd_b, d.w);
}

// One channel of a tile: its first pixel and the start of its plane.
struct Tile { tile: u32, channel: u32, y: i32, x: i32, plane: i32 }

fn tile_of(group: vec3u, local: u32) -> Tile {
  let id = (group.y * p.columns + group.x) * WORKGROUP + local;
  let channel = id % 4u;
  let tile = id / 4u;
  let per_image = p.tiles_y * p.tiles_x;
  let y0 = p.origin_y + i32(tile % per_image / p.tiles_x * 4u);
  let x0 = p.origin_x + i32(tile % p.tiles_x * 4u);
  let plane = i32(tile / per_image * p.blocks + group.z) * p.h * p.w * 4 + i32(channel);
  return Tile(tile, group.z * 4u + channel, y0, x0, plane);
}

// Positions in v and m if rows are tiles, and if rows are channels.
fn tile_row(t: Tile) -> u32 { return (t.channel / 4u * p.rows + t.tile) * 4u + t.channel % 4u; }
fn channel_row(t: Tile) -> u32 { return (t.tile / 4u * p.rows + t.channel) * 4u + t.tile % 4u; }

// A row of a tile: its start in x, and whether it lies inside the image.
struct Row { start: i32, inside: bool }

// & instead of &&, whose branches take long to compile.
fn row_of(t: Tile, r: i32) -> Row {
  let row = t.y + r;
  return Row(t.plane + row * p.w * 4, (t.tile < p.tiles) & (u32(row) < u32(p.h)));
}

// Zero outside the image.
fn pixel(row: Row, column: i32) -> f32 {
  let inside = row.inside & (u32(column) < u32(p.w));
  return select(0.0, f32(x[u32(select(0, row.start + column * 4, inside))]), inside);
}

fn input_row(t: Tile, r: i32) -> Six {
  let row = row_of(t, r);
  return input_transform(Six(
    pixel(row, t.x), pixel(row, t.x + 1), pixel(row, t.x + 2),
    pixel(row, t.x + 3), pixel(row, t.x + 4), pixel(row, t.x + 5)));
}

fn gradient_row(t: Tile, r: i32) -> Six {
  let row = row_of(t, r);
  return gradient_transform(vec4f(
    pixel(row, t.x), pixel(row, t.x + 1), pixel(row, t.x + 2), pixel(row, t.x + 3)));
}

// Column b of the points.
fn store_points(at: u32, b: u32, values: Six) {
  let first = at + b * p.point * 4u;
  let step = 6u * p.point * 4u;
  v[first] = values.p0;
  v[first + step] = values.p1;
  v[first + 2u * step] = values.p2;
  v[first + 3u * step] = values.p3;
  v[first + 4u * step] = values.p4;
  v[first + 5u * step] = values.p5;
}

@compute @workgroup_size(WORKGROUP)
fn input(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) local: u32) {
  let t = tile_of(group, local);
  if (t.tile >= p.tiles_padded) { return; }
  let r0 = input_row(t, 0);
  let r1 = input_row(t, 1);
  let r2 = input_row(t, 2);
  let r3 = input_row(t, 3);
  let r4 = input_row(t, 4);
  let r5 = input_row(t, 5);

  let at = select(tile_row(t), channel_row(t), SUM_OVER_TILES);
  store_points(at, 0u, input_transform(Six(r0.p0, r1.p0, r2.p0, r3.p0, r4.p0, r5.p0)));
  store_points(at, 1u, input_transform(Six(r0.p1, r1.p1, r2.p1, r3.p1, r4.p1, r5.p1)));
  store_points(at, 2u, input_transform(Six(r0.p2, r1.p2, r2.p2, r3.p2, r4.p2, r5.p2)));
  store_points(at, 3u, input_transform(Six(r0.p3, r1.p3, r2.p3, r3.p3, r4.p3, r5.p3)));
  store_points(at, 4u, input_transform(Six(r0.p4, r1.p4, r2.p4, r3.p4, r4.p4, r5.p4)));
  store_points(at, 5u, input_transform(Six(r0.p5, r1.p5, r2.p5, r3.p5, r4.p5, r5.p5)));
}

@compute @workgroup_size(WORKGROUP)
fn output_gradient(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) local: u32) {
  let t = tile_of(group, local);
  if (t.tile >= p.tiles_padded) { return; }
  let r0 = gradient_row(t, 0);
  let r1 = gradient_row(t, 1);
  let r2 = gradient_row(t, 2);
  let r3 = gradient_row(t, 3);

  let at = channel_row(t);
  store_points(at, 0u, gradient_transform(vec4f(r0.p0, r1.p0, r2.p0, r3.p0)));
  store_points(at, 1u, gradient_transform(vec4f(r0.p1, r1.p1, r2.p1, r3.p1)));
  store_points(at, 2u, gradient_transform(vec4f(r0.p2, r1.p2, r2.p2, r3.p2)));
  store_points(at, 3u, gradient_transform(vec4f(r0.p3, r1.p3, r2.p3, r3.p3)));
  store_points(at, 4u, gradient_transform(vec4f(r0.p4, r1.p4, r2.p4, r3.p4)));
  store_points(at, 5u, gradient_transform(vec4f(r0.p5, r1.p5, r2.p5, r3.p5)));
}

// Column b of the products, transformed.
fn product_column(at: u32, b: u32) -> vec4f {
  let first = at + b * p.point * 4u;
  let step = 6u * p.point * 4u;
  return output_transform(Six(
    m[first], m[first + step], m[first + 2u * step], m[first + 3u * step], m[first + 4u * step], m[first + 5u * step]));
}

fn store_pixel(row: u32, column: u32, value: f32) {
  if (column >= u32(p.w)) { return; }
  y[row + column * 4u] = Stored(select(value, max(value, 0.0), RELU));
}

fn store_row(t: Tile, r: i32, values: vec4f) {
  if (t.y + r >= p.h) { return; }
  let row = u32(t.plane + (t.y + r) * p.w * 4);
  let column = u32(t.x);
  store_pixel(row, column, values.x);
  store_pixel(row, column + 1u, values.y);
  store_pixel(row, column + 2u, values.z);
  store_pixel(row, column + 3u, values.w);
}

@compute @workgroup_size(WORKGROUP)
fn output(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) local: u32) {
  let t = tile_of(group, local);
  if (t.tile >= p.tiles) { return; }
  let at = tile_row(t);
  let c0 = product_column(at, 0u);
  let c1 = product_column(at, 1u);
  let c2 = product_column(at, 2u);
  let c3 = product_column(at, 3u);
  let c4 = product_column(at, 4u);
  let c5 = product_column(at, 5u);

  var offset = 0.0;
  if (BIAS) { offset = bias[t.channel]; }
  store_row(t, 0, offset + output_transform(Six(c0.x, c1.x, c2.x, c3.x, c4.x, c5.x)));
  store_row(t, 1, offset + output_transform(Six(c0.y, c1.y, c2.y, c3.y, c4.y, c5.y)));
  store_row(t, 2, offset + output_transform(Six(c0.z, c1.z, c2.z, c3.z, c4.z, c5.z)));
  store_row(t, 3, offset + output_transform(Six(c0.w, c1.w, c2.w, c3.w, c4.w, c5.w)));
}
