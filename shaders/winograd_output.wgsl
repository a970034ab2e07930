// Winograd F(4x4, 3x3): 4x4 outputs of a convolution from the 36 products of a tile.
//
//   y[n, o, 4 tile + (r, c)] = act(bias[o] + (A^T m A)[r][c]),  m[a][b] = m[6 a + b]
//
// Source   Lavin and Gray, 2016; points as in winograd_input.wgsl: docs/derivations.md
// Layouts  m: [36][O/4][rows] vec4 over channels, a row for each tile; y: [N][O/4][H][W] vec4 over channels;
//          bias: [O4]; all seen as f32; point: vec4 from one of the 36 to the next
// Dispatch [columns, ..., O/4], invocations in x and y >= 4 * tiles; one channel of one tile per invocation

// constants
const WORKGROUP: u32 = 64u;
const RELU: bool = false;
const BIAS: bool = false;
// end constants

alias Stored = f32;

struct Params {
  y_blocks: u32, y_h: u32, y_w: u32,
  tiles_y: u32, tiles_x: u32, tiles: u32,
  rows: u32, point: u32, columns: u32,
}

@group(0) @binding(0) var<uniform> p: Params;
@group(0) @binding(1) var<storage, read> m: array<f32>;
@group(0) @binding(2) var<storage, read> bias: array<f32>;
@group(0) @binding(3) var<storage, read_write> y: array<Stored>;

struct Six { p0: f32, p1: f32, p2: f32, p3: f32, p4: f32, p5: f32 }

// A^T m
fn transform(m: Six) -> vec4f {
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

// Column b of the products, m[at + 6 step a], transformed.
fn column(at: u32, step: u32) -> vec4f {
  return transform(Six(m[at], m[at + step], m[at + 2u * step], m[at + 3u * step], m[at + 4u * step], m[at + 5u * step]));
}

fn store(at: u32, y_x: u32, value: f32) {
  if (y_x >= p.y_w) { return; }
  y[at + y_x * 4u] = Stored(select(value, max(value, 0.0), RELU));
}

fn store_row(plane: u32, y_y: u32, y_x: u32, values: vec4f) {
  if (y_y >= p.y_h) { return; }
  let at = plane + y_y * p.y_w * 4u;
  store(at, y_x, values.x);
  store(at, y_x + 1u, values.y);
  store(at, y_x + 2u, values.z);
  store(at, y_x + 3u, values.w);
}

@compute @workgroup_size(WORKGROUP)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) local: u32) {
  let id = (group.y * p.columns + group.x) * WORKGROUP + local;
  let channel = id % 4u;
  let tile = id / 4u;
  if (tile >= p.tiles) { return; }

  let at = (group.z * p.rows + tile) * 4u + channel;
  let step = p.point * 4u;
  let c0 = column(at, 6u * step);
  let c1 = column(at + step, 6u * step);
  let c2 = column(at + 2u * step, 6u * step);
  let c3 = column(at + 3u * step, 6u * step);
  let c4 = column(at + 4u * step, 6u * step);
  let c5 = column(at + 5u * step, 6u * step);

  var offset = 0.0;
  if (BIAS) { offset = bias[group.z * 4u + channel]; }
  let per_image = p.tiles_y * p.tiles_x;
  let n = tile / per_image;
  let y_y = tile % per_image / p.tiles_x * 4u;
  let y_x = tile % p.tiles_x * 4u;
  let plane = (n * p.y_blocks + group.z) * p.y_h * p.y_w * 4u + channel;
  store_row(plane, y_y, y_x, offset + transform(Six(c0.x, c1.x, c2.x, c3.x, c4.x, c5.x)));
  store_row(plane, y_y + 1u, y_x, offset + transform(Six(c0.y, c1.y, c2.y, c3.y, c4.y, c5.y)));
  store_row(plane, y_y + 2u, y_x, offset + transform(Six(c0.z, c1.z, c2.z, c3.z, c4.z, c5.z)));
  store_row(plane, y_y + 3u, y_x, offset + transform(Six(c0.w, c1.w, c2.w, c3.w, c4.w, c5.w)));
}
