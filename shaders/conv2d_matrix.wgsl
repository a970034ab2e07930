// Convolution with any kernel, stride, padding and phase; each of four lanes computes a run of PIXELS pixels of a row in
// BLOCKS blocks of output channels.
//
//   y[n, o, phase + q * out_stride] = act(bias[o] + sum_{i,t} w[i, tap0 + t * tap_step, o] * x[n, i, origin + q * in_stride + t])
//   for every q in q_size, t in taps, as in conv2d_direct.wgsl. Taps of a row that are in_stride apart use the same
//   pixels, so TAPS of them are computed at once and share each loaded pixel.
//
// Idea     products of a row vector and a 4x4 matrix, because SwiftShader does not store their terms. Each lane loads
//          one column of the matrix and gets the others by quad swaps, so lane l has the columns in the order l ^ 0,
//          l ^ 1, l ^ 2, l ^ 3, and its sums keep the channels in that order until they are stored
// Layouts  x, y: [N][C/4][H][W] vec4 over channels; w: [I/4][KH][KW][O4] vec4 over input channels; bias: [O/4] vec4
// Dispatch [columns, rows, ceil(O/4 / BLOCKS)] with columns * rows * 4 >= N * q_h * ceil(q_w / PIXELS)
// Requires quads of lanes in subgroups; PIXELS 4, 8 or 16; TAPS 1, or 2 or 3 with taps_x = TAPS * in_stride
//          (kernels/convolution/families/matrix.ts). No && in loops: its branches take SwiftShader seconds to compile

enable subgroups;

// constants
const PIXELS: u32 = 16u;
const BLOCKS: u32 = 2u;
const TAPS: i32 = 3;
// end constants

alias Stored = vec4<f32>;

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
  columns: u32, tiles: u32,
}

@group(0) @binding(0) var<uniform> p: Params;
@group(0) @binding(1) var<storage, read> x: array<Stored>;
@group(0) @binding(2) var<storage, read> w: array<Stored>;
@group(0) @binding(3) var<storage, read> bias: array<Stored>;
@group(0) @binding(4) var<storage, read_write> y: array<Stored>;

// Four pixels of a row, in_stride apart.
struct Four { a: vec4f, b: vec4f, c: vec4f, d: vec4f }

struct Taps { first: mat4x4f, second: mat4x4f, third: mat4x4f }

struct Row { start: i32, inside: bool }

// x at a column of a row; zero outside.
fn pixel(row: Row, column: i32) -> vec4f {
  let value = vec4f(x[u32(row.start + clamp(column, 0, p.x_w - 1))]);
  return select(vec4f(), value, row.inside & (u32(column) < u32(p.x_w)));
}

fn four(row: Row, column: i32) -> Four {
  let s = p.in_stride;
  return Four(pixel(row, column), pixel(row, column + s), pixel(row, column + 2 * s), pixel(row, column + 3 * s));
}

// The pixels right of a run that its last taps reach.
fn halo(row: Row, column: i32) -> Four {
  var reached = Four();
  if (TAPS > 1) { reached.a = pixel(row, column); }
  if (TAPS > 2) { reached.b = pixel(row, column + p.in_stride); }
  return reached;
}

fn matrix(at: u32) -> mat4x4f {
  let own = vec4f(w[at]);
  return mat4x4f(own, quadSwapX(own), quadSwapY(own), quadSwapDiagonal(own));
}

fn load_taps(at: i32, step: i32) -> Taps {
  var taps = Taps();
  taps.first = matrix(u32(at));
  if (TAPS > 1) { taps.second = matrix(u32(at + step)); }
  if (TAPS > 2) { taps.third = matrix(u32(at + 2 * step)); }
  return taps;
}

fn products(x0: vec4f, x1: vec4f, x2: vec4f, taps: Taps) -> vec4f {
  if (TAPS == 1) { return x0 * taps.first; }
  if (TAPS == 2) { return x0 * taps.first + x1 * taps.second; }
  return x0 * taps.first + x1 * taps.second + x2 * taps.third;
}

fn accumulated(sum: Four, here: Four, next: Four, taps: Taps) -> Four {
  return Four(
    sum.a + products(here.a, here.b, here.c, taps), sum.b + products(here.b, here.c, here.d, taps),
    sum.c + products(here.c, here.d, next.a, taps), sum.d + products(here.d, next.a, next.b, taps));
}

// Where a lane stores its run of one block: the first pixel, and the number of pixels.
struct Target { first: u32, count: u32, lane: u32, bias: vec4f }

fn store(to: Target, at: u32, sum: vec4f) {
  if (at >= to.count) { return; }
  let even = select(sum, sum.yxwz, (to.lane & 1u) != 0u);
  let value = select(even, even.zwxy, (to.lane & 2u) != 0u) + to.bias;
  y[to.first + at * p.out_stride] = Stored(select(value, max(value, vec4f()), p.relu != 0u));
}

fn store_four(to: Target, at: u32, sum: Four) {
  store(to, at, sum.a);
  store(to, at + 1u, sum.b);
  store(to, at + 2u, sum.c);
  store(to, at + 3u, sum.d);
}

fn target_of(n: u32, block: u32, q_y: u32, q_x: u32, used: bool, lane: u32) -> Target {
  let plane = (n * (p.o4 / 4u) + block) * p.y_h;
  let first = (plane + p.phase_y + q_y * p.out_stride) * p.y_w + p.phase_x + q_x * p.out_stride;
  let added = select(vec4f(), vec4f(bias[block]), p.biased != 0u);
  return Target(first, select(0u, p.q_w - q_x, used), lane, added);
}

@compute @workgroup_size(4)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(subgroup_invocation_id) lane: u32) {
  let own = (group.y * p.columns + group.x) * 4u + lane;
  let tile = min(own, p.tiles - 1u);
  let runs = (p.q_w + PIXELS - 1u) / PIXELS;
  let n = tile / runs / p.q_h;
  let q_y = tile / runs % p.q_h;
  let q_x = tile % runs * PIXELS;
  let blocks = p.o4 / 4u;
  let block = group.z * BLOCKS;
  // If the number of blocks is odd, the last pair repeats its first block and does not store it.
  let block1 = min(block + 1u, blocks - 1u);

  var a0 = Four(); var a1 = Four(); var a2 = Four(); var a3 = Four();
  var b0 = Four(); var b1 = Four(); var b2 = Four(); var b3 = Four();

  let s = p.in_stride;
  let groups = p.taps_x / TAPS;
  let o4 = i32(p.o4);
  let w_step = p.tap_step * groups * o4;
  // One loop instead of three: SwiftShader copies every sum at each level of nesting.
  let steps = i32(p.x_blocks) * p.taps_y * groups;
  var i = 0;
  var t = 0;
  var g = 0;
  for (var step = 0; step < steps; step++) {
    let x_y = i32(q_y) * s + p.origin_y + t;
    let x_row = (i32(n * p.x_blocks) + i) * p.x_h + clamp(x_y, 0, p.x_h - 1);
    let row = Row(x_row * p.x_w, u32(x_y) < u32(p.x_h));
    let column = i32(q_x) * s + p.origin_x + g;
    let w_row = (i * p.kernel_h + p.tap0_y + t * p.tap_step) * p.kernel_w + p.tap0_x;
    let w_at = (w_row + g * p.tap_step) * o4 + i32(lane);
    let first = load_taps(w_at + i32(block) * 4, w_step);
    var second = Taps();
    if (BLOCKS == 2u) { second = load_taps(w_at + i32(block1) * 4, w_step); }
    let x0 = four(row, column);
    var x1 = halo(row, column + 4 * s);
    if (PIXELS > 4u) { x1 = four(row, column + 4 * s); }
    a0 = accumulated(a0, x0, x1, first);
    if (BLOCKS == 2u) { b0 = accumulated(b0, x0, x1, second); }
    if (PIXELS > 4u) {
      var x2 = halo(row, column + 8 * s);
      if (PIXELS > 8u) { x2 = four(row, column + 8 * s); }
      a1 = accumulated(a1, x1, x2, first);
      if (BLOCKS == 2u) { b1 = accumulated(b1, x1, x2, second); }
      if (PIXELS > 8u) {
        let x3 = four(row, column + 12 * s);
        let x4 = halo(row, column + 16 * s);
        a2 = accumulated(a2, x2, x3, first);
        a3 = accumulated(a3, x3, x4, first);
        if (BLOCKS == 2u) {
          b2 = accumulated(b2, x2, x3, second);
          b3 = accumulated(b3, x3, x4, second);
        }
      }
    }
    g++;
    let next_row = g == groups;
    g = select(g, 0, next_row);
    t += select(0, 1, next_row);
    let next_block = t == p.taps_y;
    t = select(t, 0, next_block);
    i += select(0, 1, next_block);
  }

  let here = target_of(n, block, q_y, q_x, own < p.tiles, lane);
  store_four(here, 0u, a0);
  if (PIXELS > 4u) { store_four(here, 4u, a1); }
  if (PIXELS > 8u) { store_four(here, 8u, a2); store_four(here, 12u, a3); }
  if (BLOCKS == 2u) {
    let there = target_of(n, block1, q_y, q_x, (own < p.tiles) & (block1 > block), lane);
    store_four(there, 0u, b0);
    if (PIXELS > 4u) { store_four(there, 4u, b1); }
    if (PIXELS > 8u) { store_four(there, 8u, b2); store_four(there, 12u, b3); }
  }
}
