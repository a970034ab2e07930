// Convolution on dense sub-lattices of 2x2 or 3x3 taps; one subgroup of 8 lanes computes 8x8 pixels in 8 channels.
//
//   y[n, o, phase + q * out_stride] = act(bias[o]
//     + sum_{g, i, t} w[i, tap0 + g + t * tap_step, o] * x[n, i, origin + g + (q + t) * in_stride])
//   for g in groups x groups, t in TAPS x TAPS. A 3x3 convolution has one group; with a 4x4 kernel and stride 2, the
//   forward pass is one phase of four groups, the input gradient four phases of one group.
//
// Idea     lanes hold different pixels while loading and different output channels while multiplying: loads are the
//          expensive part, so one lane loads each value and all share it. One input channel at a time: loading a vec4
//          takes four times the code, and the loop must fit the instruction cache
// Layouts  x, y: [N][C/4][H][W] vec4 over channels; w: [I/4][KH][KW][O4] vec4 over input channels; bias: [O4]; all
//          but y seen as single numbers
// Dispatch [ceil(q_w / 8), ceil(q_h / 8), N * ceil(O4 / 8)]
// Requires subgroups of exactly 8 lanes; every tap inside the kernel (kernels/convolution/families/subgroup.ts)

enable subgroups;

// constants
const TAPS: i32 = 3;
// end constants

const HALO: i32 = TAPS - 1;

alias Stored = f32;

struct Params {
  // shared: gather
  x_blocks: u32, x_h: i32, x_w: i32,
  o4: u32, y_h: u32, y_w: u32,
  q_h: u32, q_w: u32,
  in_stride: i32, origin_y: i32, origin_x: i32,
  out_stride: u32, phase_y: u32, phase_x: u32,
  groups: i32, taps_y: i32, taps_x: i32,
  tap0_y: i32, tap0_x: i32, tap_step: i32,
  kernel_h: i32, kernel_w: i32,
  relu: u32, biased: u32,
  // end shared
  columns: u32,
  x_channels: u32,
}

@group(0) @binding(0) var<uniform> p: Params;
@group(0) @binding(1) var<storage, read> x: array<Stored>;
@group(0) @binding(2) var<storage, read> w: array<Stored>;
@group(0) @binding(3) var<storage, read> bias: array<Stored>;
@group(0) @binding(4) var<storage, read_write> y: array<vec4<Stored>>;

// One row of the input tile, the same in every lane: 8 columns and the halo to their right.
struct Row { a: vec4f, b: vec4f, c: vec2f }

// Zero outside, by a multiplication: a select would be repeated for every lane that receives the value.
fn pixel(plane: i32, row: i32, column: i32) -> f32 {
  let near_row = clamp(row, 0, p.x_h - 1);
  let near_column = clamp(column, 0, p.x_w - 1);
  let inside = (near_row == row) & (near_column == column);
  return f32(x[u32(plane + (near_row * p.x_w + near_column) * 4)]) * f32(inside);
}

// From each lane's own column to the whole row in every lane. subgroupBroadcast would test its lane every time.
fn spread(own: f32, halo: f32, lane: u32) -> Row {
  return Row(
    vec4f(subgroupShuffle(own, 0u), subgroupShuffle(own, 1u), subgroupShuffle(own, 2u), subgroupShuffle(own, 3u)),
    vec4f(subgroupShuffle(own, 4u), subgroupShuffle(own, 5u), subgroupShuffle(own, 6u), subgroupShuffle(own, 7u)),
    vec2f(subgroupShuffle(halo, lane), subgroupShuffle(halo, lane + u32(HALO) - 1u)));
}

// Eight outputs from one row of taps.
fn convolve_row(r: Row, k: vec3f) -> mat2x4f {
  let second = mat2x4f(vec4f(r.a.yzw, r.b.x), vec4f(r.b.yzw, r.c.x));
  let sum = mat2x4f(r.a, r.b) * k.x + second * k.y;
  if (TAPS == 2) { return sum; }
  return sum + mat2x4f(vec4f(r.a.zw, r.b.xy), vec4f(r.b.zw, r.c)) * k.z;
}

fn convolve(r0: Row, r1: Row, r2: Row, k: mat3x3f) -> mat2x4f {
  let sum = convolve_row(r0, k[0]) + convolve_row(r1, k[1]);
  if (TAPS == 2) { return sum; }
  return sum + convolve_row(r2, k[2]);
}

fn weights(at: i32, step: i32) -> vec3f {
  let two = vec3f(f32(w[u32(at)]), f32(w[u32(at + step)]), 0.0);
  if (TAPS == 2) { return two; }
  return vec3f(two.xy, f32(w[u32(at + 2 * step)]));
}

// Only for three taps.
fn third_pixel(plane: i32, row: i32, column: i32) -> f32 {
  if (TAPS == 2) { return 0.0; }
  return pixel(plane, row, column);
}
fn third_weights(at: i32, step: i32) -> vec3f {
  if (TAPS == 2) { return vec3f(); }
  return weights(at, step);
}

// shared: transposed
// Lanes whose numbers differ in one bit swap a value: that with the bit gives its first, the other its second.
fn swap(pair: vec2f, bit: u32, lane: u32) -> vec2f {
  let has_bit = (lane & bit) != 0u;
  let given = subgroupShuffle(select(pair.y, pair.x, has_bit), lane ^ bit);
  return select(vec2f(pair.x, given), vec2f(given, pair.y), has_bit);
}

// From 8 columns of the lane's channel to 8 channels of the lane's column.
fn transposed(m: mat2x4f, lane: u32) -> mat2x4f {
  let a0 = swap(vec2f(m[0].x, m[1].x), 4u, lane);
  let a1 = swap(vec2f(m[0].y, m[1].y), 4u, lane);
  let a2 = swap(vec2f(m[0].z, m[1].z), 4u, lane);
  let a3 = swap(vec2f(m[0].w, m[1].w), 4u, lane);
  let b0 = swap(vec2f(a0.x, a2.x), 2u, lane);
  let b1 = swap(vec2f(a1.x, a3.x), 2u, lane);
  let b2 = swap(vec2f(a0.y, a2.y), 2u, lane);
  let b3 = swap(vec2f(a1.y, a3.y), 2u, lane);
  return mat2x4f(
    vec4f(swap(vec2f(b0.x, b1.x), 1u, lane), swap(vec2f(b0.y, b1.y), 1u, lane)),
    vec4f(swap(vec2f(b2.x, b3.x), 1u, lane), swap(vec2f(b2.y, b3.y), 1u, lane)));
}
// end shared

fn store(at: u32, value: vec4f) {
  y[at] = vec4<Stored>(select(value, max(value, vec4f()), p.relu == 1u));
}

@compute @workgroup_size(8)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(subgroup_invocation_id) lane: u32) {
  let q_x = group.x * 8u;
  let q_y = group.y * 8u;
  let pairs = (p.o4 + 7u) / 8u;
  let n = group.z / pairs;
  let o = group.z % pairs * 8u + lane;
  let w_o = i32(min(o, p.o4 - 1u)) * 4;

  // In a halo load, lane k holds column 8 + k % HALO of row k / HALO.
  let halo_y = i32(lane) / HALO;
  let halo_x = 8 + i32(lane) % HALO;

  var a0 = mat2x4f(); var a1 = mat2x4f(); var a2 = mat2x4f(); var a3 = mat2x4f();
  var a4 = mat2x4f(); var a5 = mat2x4f(); var a6 = mat2x4f(); var a7 = mat2x4f();

  let s = p.in_stride;
  for (var g = 0; g < p.groups * p.groups; g++) {
    let g_y = g / p.groups;
    let g_x = g % p.groups;
    let top = i32(q_y) * s + p.origin_y + g_y;
    let start = i32(q_x) * s + p.origin_x + g_x;
    let own = start + i32(lane) * s;
    let halo_row = top + halo_y * s;
    let halo_column = start + halo_x * s;
    let w_step = p.tap_step * i32(p.o4) * 4;
    let w_row_step = w_step * p.kernel_w;
    let w_first = ((p.tap0_y + g_y) * p.kernel_w + p.tap0_x + g_x) * i32(p.o4) * 4 + w_o;
    for (var i = 0; i < i32(p.x_channels); i++) {
      let plane = (i32(n * p.x_blocks) + i / 4) * p.x_h * p.x_w * 4 + i % 4;
      let w_at = w_first + i / 4 * p.kernel_h * p.kernel_w * i32(p.o4) * 4 + i % 4;
      let k = mat3x3f(
        weights(w_at, w_step), weights(w_at + w_row_step, w_step), third_weights(w_at + 2 * w_row_step, w_step));
      let halo0 = pixel(plane, halo_row, halo_column);
      let halo1 = pixel(plane, halo_row + 8 / HALO * s, halo_column);
      let halo2 = third_pixel(plane, halo_row + 8 * s, halo_column);
      let halo4 = select(halo0, halo1, HALO == 2);
      let x0 = spread(pixel(plane, top, own), halo0, 0u);
      let x1 = spread(pixel(plane, top + s, own), halo0, u32(HALO));
      let x2 = spread(pixel(plane, top + 2 * s, own), halo0, u32(2 * HALO));
      let x3 = spread(pixel(plane, top + 3 * s, own), halo0, u32(3 * HALO));
      let x4 = spread(pixel(plane, top + 4 * s, own), halo4, u32(4 * HALO) % 8u);
      let x5 = spread(pixel(plane, top + 5 * s, own), halo4, u32(5 * HALO) % 8u);
      let x6 = spread(pixel(plane, top + 6 * s, own), halo4, u32(6 * HALO) % 8u);
      let x7 = spread(pixel(plane, top + 7 * s, own), halo4, u32(7 * HALO) % 8u);
      let x8 = spread(pixel(plane, top + 8 * s, own), select(halo1, halo2, HALO == 2), 0u);
      let x9 = spread(third_pixel(plane, top + 9 * s, own), halo2, 2u);
      a0 += convolve(x0, x1, x2, k);
      a1 += convolve(x1, x2, x3, k);
      a2 += convolve(x2, x3, x4, k);
      a3 += convolve(x3, x4, x5, k);
      a4 += convolve(x4, x5, x6, k);
      a5 += convolve(x5, x6, x7, k);
      a6 += convolve(x6, x7, x8, k);
      a7 += convolve(x7, x8, x9, k);
    }
  }

  var offset = 0.0;
  if (p.biased == 1u) { offset = f32(bias[min(o, p.o4 - 1u)]); }
  let y_blocks = p.o4 / 4u;
  let block = group.z % pairs * 2u;
  let column = q_x + lane;
  // A bound unknown at compile time keeps the loop rolled, which compiles faster. Rows move up because indexing them
  // would cost more.
  let rows = min(8u, p.q_h - q_y);
  for (var r = 0u; r < rows; r++) {
    let channels = transposed(mat2x4f(a0[0] + offset, a0[1] + offset), lane);
    a0 = a1; a1 = a2; a2 = a3; a3 = a4; a4 = a5; a5 = a6; a6 = a7;
    let row = (n * y_blocks + block) * p.y_h + p.phase_y + (q_y + r) * p.out_stride;
    let at = row * p.y_w + p.phase_x + column * p.out_stride;
    if (column < p.q_w) { store(at, channels[0]); }
    if (column < p.q_w && block + 1u < y_blocks) { store(at + p.y_h * p.y_w, channels[1]); }
  }
}
