// Winograd F(4x4, 3x3): transforms convolution kernels along both axes, and the adjoint for their gradient.
//
//   forward   u[6 a + b] = (G g G^T)[a][b],  g[r][c] = w[i, tap0 + (3 r + c) tap_step, o]
//   backward  dw[i, tap0 + (3 r + c) tap_step, o] = (G^T m G)[r][c],  m[a][b] = m[6 a + b], summed over all tiles
//
// Source   Lavin and Gray, 2016; points as in winograd_tiles.wgsl: docs/derivations.md
// Layouts  w, dw: [I/4][3][3][O4] vec4 over input channels; u: [36][I/4][O4] likewise; m: [36][O/4][rows] vec4 over
//          output channels, a row for each input channel. All are bound as f32; point: vec4 from one of the 36 to the next
// Dispatch [ceil(4 O4 / WORKGROUP), 1, I/4], one invocation for each pair of channels

// constants
const WORKGROUP: u32 = 64u;
// end constants

struct Params { o4: u32, tap0: i32, tap_step: i32, rows: u32, point: u32 }

@group(0) @binding(0) var<uniform> p: Params;
@group(0) @binding(1) var<storage, read> w: array<f32>;
@group(0) @binding(2) var<storage, read_write> u: array<f32>;
@group(0) @binding(1) var<storage, read> m: array<f32>;
@group(0) @binding(2) var<storage, read_write> dw: array<f32>;

struct Six { p0: f32, p1: f32, p2: f32, p3: f32, p4: f32, p5: f32 }

// 1 / prod over the other finite points q of (p - q), for p = 0, 5/8 and 3/2.
const SCALE_0 = 1.0 / (0.390625 * 2.25);
const SCALE_A = 1.0 / (2.0 * 0.390625 * (0.390625 - 2.25));
const SCALE_B = 1.0 / (2.0 * 2.25 * (2.25 - 0.390625));

// G g
fn transform(g: vec3f) -> Six {
  let even_a = SCALE_A * (g.x + 0.390625 * g.z);
  let odd_a = SCALE_A * 0.625 * g.y;
  let even_b = SCALE_B * (g.x + 2.25 * g.z);
  let odd_b = SCALE_B * 1.5 * g.y;
  return Six(SCALE_0 * g.x, even_a + odd_a, even_a - odd_a, even_b + odd_b, even_b - odd_b, g.z);
}

// G^T m
fn adjoint(m: Six) -> vec3f {
  let even_a = SCALE_A * (m.p1 + m.p2);
  let odd_a = SCALE_A * (m.p1 - m.p2);
  let even_b = SCALE_B * (m.p3 + m.p4);
  let odd_b = SCALE_B * (m.p3 - m.p4);
  return vec3f(
    SCALE_0 * m.p0 + even_a + even_b,
    0.625 * odd_a + 1.5 * odd_b,
    0.390625 * even_a + 2.25 * even_b + m.p5);
}

// Position in w and dw of kernel element (r, c) of a pair of channels.
fn weight_at(id: vec3u, r: i32, c: i32) -> u32 {
  let tap = p.tap0 + (3 * r + c) * p.tap_step;
  return (id.z * 9u + u32(tap)) * p.o4 * 4u + id.x;
}

// One row of the kernel, transformed.
fn kernel_row(id: vec3u, r: i32) -> Six {
  return transform(vec3f(w[weight_at(id, r, 0)], w[weight_at(id, r, 1)], w[weight_at(id, r, 2)]));
}

// Column b of the points.
fn store_points(at: u32, b: u32, values: Six) {
  let first = at + b * p.point * 4u;
  let step = 6u * p.point * 4u;
  u[first] = values.p0;
  u[first + step] = values.p1;
  u[first + 2u * step] = values.p2;
  u[first + 3u * step] = values.p3;
  u[first + 4u * step] = values.p4;
  u[first + 5u * step] = values.p5;
}

@compute @workgroup_size(WORKGROUP)
fn forward(@builtin(global_invocation_id) id: vec3u) {
  if (id.x >= p.o4 * 4u) { return; }
  let r0 = kernel_row(id, 0);
  let r1 = kernel_row(id, 1);
  let r2 = kernel_row(id, 2);

  let at = id.z * p.rows * 4u + id.x;
  store_points(at, 0u, transform(vec3f(r0.p0, r1.p0, r2.p0)));
  store_points(at, 1u, transform(vec3f(r0.p1, r1.p1, r2.p1)));
  store_points(at, 2u, transform(vec3f(r0.p2, r1.p2, r2.p2)));
  store_points(at, 3u, transform(vec3f(r0.p3, r1.p3, r2.p3)));
  store_points(at, 4u, transform(vec3f(r0.p4, r1.p4, r2.p4)));
  store_points(at, 5u, transform(vec3f(r0.p5, r1.p5, r2.p5)));
}

// Column b of the sums, transformed.
fn sum_column(at: u32, b: u32) -> vec3f {
  let first = at + b * p.point * 4u;
  let step = 6u * p.point * 4u;
  return adjoint(Six(
    m[first], m[first + step], m[first + 2u * step], m[first + 3u * step], m[first + 4u * step], m[first + 5u * step]));
}

fn store_row(id: vec3u, r: i32, values: vec3f) {
  dw[weight_at(id, r, 0)] = values.x;
  dw[weight_at(id, r, 1)] = values.y;
  dw[weight_at(id, r, 2)] = values.z;
}

@compute @workgroup_size(WORKGROUP)
fn backward(@builtin(global_invocation_id) id: vec3u) {
  if (id.x >= p.o4 * 4u) { return; }
  let o = id.x / 4u;
  let i = id.z * 4u + id.x % 4u;
  let at = (o / 4u * p.rows + i) * 4u + o % 4u;
  let c0 = sum_column(at, 0u);
  let c1 = sum_column(at, 1u);
  let c2 = sum_column(at, 2u);
  let c3 = sum_column(at, 3u);
  let c4 = sum_column(at, 4u);
  let c5 = sum_column(at, 5u);

  store_row(id, 0, adjoint(Six(c0.x, c1.x, c2.x, c3.x, c4.x, c5.x)));
  store_row(id, 1, adjoint(Six(c0.y, c1.y, c2.y, c3.y, c4.y, c5.y)));
  store_row(id, 2, adjoint(Six(c0.z, c1.z, c2.z, c3.z, c4.z, c5.z)));
}
