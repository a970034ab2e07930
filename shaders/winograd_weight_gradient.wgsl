// Winograd F(4x4, 3x3), weight gradient: 3x3 kernels from the 36 sums over all tiles.
//
//   dw[i, (r, c), o] = (G^T m G)[r][c],  m[a][b] = m[6 a + b]
//
// Source   the adjoint of the kernel transform of Lavin and Gray, 2016; points as in winograd_input.wgsl:
//          docs/derivations.md
// Layouts  m: [36][O/4][rows] vec4 over output channels, a row for each input channel;
//          dw: [I/4][3][3][O4] vec4 over input channels; both seen as f32;
//          point: vec4 from one of the 36 to the next
// Dispatch [ceil(4 O4 / WORKGROUP), 1, I/4], one invocation for each pair of channels

// constants
const WORKGROUP: u32 = 64u;
// end constants

struct Params { o4: u32, rows: u32, point: u32 }

@group(0) @binding(0) var<uniform> p: Params;
@group(0) @binding(1) var<storage, read> m: array<f32>;
@group(0) @binding(2) var<storage, read_write> dw: array<f32>;

struct Six { p0: f32, p1: f32, p2: f32, p3: f32, p4: f32, p5: f32 }

// As in winograd_weight.wgsl.
const SCALE_0 = 1.0 / (0.390625 * 2.25);
const SCALE_A = 1.0 / (2.0 * 0.390625 * (0.390625 - 2.25));
const SCALE_B = 1.0 / (2.0 * 2.25 * (2.25 - 0.390625));

// G^T m
fn transform(m: Six) -> vec3f {
  let even_a = SCALE_A * (m.p1 + m.p2);
  let odd_a = SCALE_A * (m.p1 - m.p2);
  let even_b = SCALE_B * (m.p3 + m.p4);
  let odd_b = SCALE_B * (m.p3 - m.p4);
  return vec3f(
    SCALE_0 * m.p0 + even_a + even_b,
    0.625 * odd_a + 1.5 * odd_b,
    0.390625 * even_a + 2.25 * even_b + m.p5);
}

fn column(at: u32, step: u32) -> vec3f {
  return transform(Six(m[at], m[at + step], m[at + 2u * step], m[at + 3u * step], m[at + 4u * step], m[at + 5u * step]));
}

fn store(at: u32, step: u32, values: vec3f) {
  dw[at] = values.x;
  dw[at + step] = values.y;
  dw[at + 2u * step] = values.z;
}

@compute @workgroup_size(WORKGROUP)
fn main(@builtin(global_invocation_id) id: vec3u) {
  let width = p.o4 * 4u;
  if (id.x >= width) { return; }
  let o = id.x / 4u;
  let i = id.z * 4u + id.x % 4u;
  let at = (o / 4u * p.rows + i) * 4u + o % 4u;
  let step = p.point * 4u;
  let c0 = column(at, 6u * step);
  let c1 = column(at + step, 6u * step);
  let c2 = column(at + 2u * step, 6u * step);
  let c3 = column(at + 3u * step, 6u * step);
  let c4 = column(at + 4u * step, 6u * step);
  let c5 = column(at + 5u * step, 6u * step);

  let to = id.z * 9u * width + id.x;
  store(to, width, transform(Six(c0.x, c1.x, c2.x, c3.x, c4.x, c5.x)));
  store(to + 3u * width, width, transform(Six(c0.y, c1.y, c2.y, c3.y, c4.y, c5.y)));
  store(to + 6u * width, width, transform(Six(c0.z, c1.z, c2.z, c3.z, c4.z, c5.z)));
}
