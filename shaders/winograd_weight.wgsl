// Winograd F(4x4, 3x3): the kernels of a convolution, transformed along both axes.
//
//   u[6 a + b] = (G g G^T)[a][b],  g[r][c] = w[i, tap0 + (3 r + c) tap_step, o]
//
// Source   Lavin and Gray, 2016; points as in winograd_input.wgsl: docs/derivations.md
// Layouts  w: [I/4][3][3][O4] vec4 over input channels; u: [36][I/4][O4] the same; both seen as f32;
//          point: vec4 from one of the 36 to the next
// Dispatch [ceil(4 O4 / WORKGROUP), 1, I/4], one invocation for each pair of channels

// constants
const WORKGROUP: u32 = 64u;
// end constants

struct Params { o4: u32, tap0: i32, tap_step: i32, point: u32 }

@group(0) @binding(0) var<uniform> p: Params;
@group(0) @binding(1) var<storage, read> w: array<f32>;
@group(0) @binding(2) var<storage, read_write> u: array<f32>;

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

// One row of the kernel, transformed.
fn kernel_row(at: i32, step: i32) -> Six {
  return transform(vec3f(w[u32(at)], w[u32(at + step)], w[u32(at + 2 * step)]));
}

fn store(at: u32, step: u32, values: Six) {
  u[at] = values.p0;
  u[at + step] = values.p1;
  u[at + 2u * step] = values.p2;
  u[at + 3u * step] = values.p3;
  u[at + 4u * step] = values.p4;
  u[at + 5u * step] = values.p5;
}

@compute @workgroup_size(WORKGROUP)
fn main(@builtin(global_invocation_id) id: vec3u) {
  let width = p.o4 * 4u;
  if (id.x >= width) { return; }
  let step = i32(width) * p.tap_step;
  let first = i32(id.z * 9u * width + id.x) + p.tap0 * i32(width);
  let r0 = kernel_row(first, step);
  let r1 = kernel_row(first + 3 * step, step);
  let r2 = kernel_row(first + 6 * step, step);

  let at = id.z * width + id.x;
  let plane = p.point * 4u;
  store(at, 6u * plane, transform(vec3f(r0.p0, r1.p0, r2.p0)));
  store(at + plane, 6u * plane, transform(vec3f(r0.p1, r1.p1, r2.p1)));
  store(at + 2u * plane, 6u * plane, transform(vec3f(r0.p2, r1.p2, r2.p2)));
  store(at + 3u * plane, 6u * plane, transform(vec3f(r0.p3, r1.p3, r2.p3)));
  store(at + 4u * plane, 6u * plane, transform(vec3f(r0.p4, r1.p4, r2.p4)));
  store(at + 5u * plane, 6u * plane, transform(vec3f(r0.p5, r1.p5, r2.p5)));
}
