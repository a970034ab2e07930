// Weight gradient on dense sub-lattices of 2x2 or 3x3 taps; one subgroup of 8 lanes computes TAPS x TAPS kernel positions
// x INPUT_BLOCKS blocks of input channels x OUTPUT_PAIRS pairs of blocks of output channels: partial sums over a range of
// strips.
//
//   partials[split, i, k, o] = sum_{strips of the split, q} x[n, i, g - padding + (q + t) * stride] * dy[n, o, q]
//   with k = g + t * stride, for every group g in stride x stride and t in TAPS x TAPS
//
// Idea     as in conv2d_subgroup.wgsl: lanes hold pixels while loading x, output channels while multiplying. Down a
//          strip, each row of x is loaded once and kept for the taps of the next rows
// Layouts  x, dy: [N][C/4][H][W] vec4 over channels; partials: [split][I/4][KH][KW][O4] vec4 over input channels
// Dispatch [ceil(I/4 / INPUT_BLOCKS), ceil(O4 / (8 * OUTPUT_PAIRS)), splits * stride * stride], groups fastest in z
// Strips   8 columns of one image, numbered n * ceil(W / 8) + q_x / 8; split s has strips
//          [s * strips_per_split, (s + 1) * strips_per_split)
// Requires subgroups of exactly 8 lanes; kernel size = TAPS * stride (kernels/convolution/families/subgroup.ts)
// Second pass: sum_partials.wgsl, in the order of the splits

enable subgroups;

// constants
const TAPS: i32 = 3;
const INPUT_BLOCKS: u32 = 1u;
const OUTPUT_PAIRS: u32 = 2u;
// end constants

const HALO: i32 = TAPS - 1;

struct Params {
  x_blocks: u32, x_h: i32, x_w: i32,
  o4: u32, dy_h: u32, dy_w: u32,
  strips: u32, strips_per_split: u32,
  stride: i32, padding: i32,
  kernel_h: i32, kernel_w: i32,
  rows_before: u32,
}

@group(0) @binding(0) var<uniform> p: Params;
@group(0) @binding(1) var<storage, read> x: array<vec4f>;
@group(0) @binding(2) var<storage, read> dy: array<vec4f>;
@group(0) @binding(3) var<storage, read_write> partials: array<vec4f>;

// A row of x: the lane's own column in 4 channels; in the first HALO lanes, also column 8 + lane.
struct Own { pixel: vec4f, halo: vec4f }

// The same row, whole in every lane.
struct Row { p0: vec4f, p1: vec4f, p2: vec4f, p3: vec4f, p4: vec4f, p5: vec4f, p6: vec4f, p7: vec4f, p8: vec4f, p9: vec4f }

// dy of this lane's output channel at 8 columns, in two halves.
struct Gradient { a: vec4f, b: vec4f }

// The sums of 4 input channels and the lane's output channel, by row and column of the kernel.
struct Sums {
  w00: vec4f, w01: vec4f, w02: vec4f, w10: vec4f, w11: vec4f, w12: vec4f, w20: vec4f, w21: vec4f, w22: vec4f
}

// Zero outside, by a multiplication: a select would be repeated for every lane that receives the value.
fn pixel(plane: i32, row: i32, column: i32) -> vec4f {
  let near_row = clamp(row, 0, p.x_h - 1);
  let near_column = clamp(column, 0, p.x_w - 1);
  let inside = (near_row == row) & (near_column == column);
  return x[u32(plane + near_row * p.x_w + near_column)] * f32(inside);
}

fn load(plane: i32, row: i32, start: i32, lane: i32) -> Own {
  var own = Own(pixel(plane, row, start + lane * p.stride), vec4f());
  // A load costs in proportion to the lanes that take part.
  if (lane < HALO) { own.halo = pixel(plane, row, start + (8 + lane) * p.stride); }
  return own;
}

fn spread(own: Own) -> Row {
  return Row(
    subgroupShuffle(own.pixel, 0u), subgroupShuffle(own.pixel, 1u), subgroupShuffle(own.pixel, 2u),
    subgroupShuffle(own.pixel, 3u), subgroupShuffle(own.pixel, 4u), subgroupShuffle(own.pixel, 5u),
    subgroupShuffle(own.pixel, 6u), subgroupShuffle(own.pixel, 7u),
    subgroupShuffle(own.halo, 0u), subgroupShuffle(own.halo, u32(HALO) - 1u));
}

fn sum0(r: Row, g: Gradient) -> vec4f {
  return (g.a.x * r.p0 + g.a.y * r.p1 + g.a.z * r.p2 + g.a.w * r.p3)
    + (g.b.x * r.p4 + g.b.y * r.p5 + g.b.z * r.p6 + g.b.w * r.p7);
}
fn sum1(r: Row, g: Gradient) -> vec4f {
  return (g.a.x * r.p1 + g.a.y * r.p2 + g.a.z * r.p3 + g.a.w * r.p4)
    + (g.b.x * r.p5 + g.b.y * r.p6 + g.b.z * r.p7 + g.b.w * r.p8);
}
fn sum2(r: Row, g: Gradient) -> vec4f {
  return (g.a.x * r.p2 + g.a.y * r.p3 + g.a.z * r.p4 + g.a.w * r.p5)
    + (g.b.x * r.p6 + g.b.y * r.p7 + g.b.z * r.p8 + g.b.w * r.p9);
}

// With two taps, the last row and column stay zero and are not stored.
fn add_products(s: Sums, r0: Row, r1: Row, r2: Row, g: Gradient) -> Sums {
  if (TAPS == 2) {
    return Sums(
      s.w00 + sum0(r0, g), s.w01 + sum1(r0, g), vec4f(), s.w10 + sum0(r1, g), s.w11 + sum1(r1, g), vec4f(),
      vec4f(), vec4f(), vec4f());
  }
  return Sums(
    s.w00 + sum0(r0, g), s.w01 + sum1(r0, g), s.w02 + sum2(r0, g),
    s.w10 + sum0(r1, g), s.w11 + sum1(r1, g), s.w12 + sum2(r1, g),
    s.w20 + sum0(r2, g), s.w21 + sum1(r2, g), s.w22 + sum2(r2, g));
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

// dy of this lane's output channel, of the pair of blocks from `block` on, at 8 columns from q_x on; each lane loads one.
fn gradient(n: u32, block: u32, q_y: u32, q_x: u32, lane: u32) -> Gradient {
  let blocks = p.o4 / 4u;
  let column = q_x + lane;
  let inside = f32(column < p.dy_w);
  let row = (n * blocks + block) * p.dy_h + q_y;
  let at = row * p.dy_w + min(column, p.dy_w - 1u);
  let second = select(at, at + p.dy_h * p.dy_w, block + 1u < blocks);
  let m = transposed(mat2x4f(dy[at] * inside, dy[second] * inside), lane);
  return Gradient(m[0], m[1]);
}

// Stores the sums of input block i and output channel o at the positions g + t * stride of a split's weights.
fn store(split: u32, i: u32, o: u32, g_y: i32, g_x: i32, s: Sums) {
  if (i >= p.x_blocks || o >= p.o4) { return; }
  var sums = array<vec4f, 9>(s.w00, s.w01, s.w02, s.w10, s.w11, s.w12, s.w20, s.w21, s.w22);
  // Bounds unknown at compile time keep the loops rolled, which compiles faster.
  for (var y = g_y; y < p.kernel_h; y += p.stride) {
    for (var x = g_x; x < p.kernel_w; x += p.stride) {
      let at = (i32(split * p.x_blocks + i) * p.kernel_h + y) * p.kernel_w + x;
      partials[u32(at) * p.o4 + o] = sums[y / p.stride * 3 + x / p.stride];
    }
  }
}

@compute @workgroup_size(8)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(subgroup_invocation_id) lane: u32) {
  let groups = u32(p.stride * p.stride);
  let split = group.z / groups;
  let g_y = i32(group.z % groups) / p.stride;
  let g_x = i32(group.z % groups) % p.stride;
  let i = group.x * INPUT_BLOCKS;
  let o = group.y * 8u * OUTPUT_PAIRS + lane;
  let block_a = group.y * 2u * OUTPUT_PAIRS;
  let block_b = min(block_a + 2u, p.o4 / 4u - 1u);
  let columns = (p.dy_w + 7u) / 8u;

  // Input block a or b with output pair a or b.
  var aa = Sums(); var ab = Sums(); var ba = Sums(); var bb = Sums();

  let strip_end = min((split + 1u) * p.strips_per_split, p.strips);
  for (var strip = split * p.strips_per_split; strip < strip_end; strip++) {
    let n = strip / columns;
    let q_x = strip % columns * 8u;
    let plane_size = p.x_h * p.x_w;
    let plane_a = i32(n * p.x_blocks + i) * plane_size;
    let plane_b = i32(n * p.x_blocks + min(i + 1u, p.x_blocks - 1u)) * plane_size;
    let start = i32(q_x) * p.stride + g_x - p.padding;
    var top = g_y - p.padding;
    // The rows of x before the next one.
    var a0 = Own(); var a1 = Own();
    var b0 = Own(); var b1 = Own();
    for (var t = 0u; t < p.rows_before; t++) {
      a0 = a1;
      a1 = load(plane_a, top, start, i32(lane));
      if (INPUT_BLOCKS == 2u) {
        b0 = b1;
        b1 = load(plane_b, top, start, i32(lane));
      }
      top += p.stride;
    }
    for (var q_y = 0u; q_y < p.dy_h; q_y++) {
      let g_a = gradient(n, block_a, q_y, q_x, lane);
      var g_b = g_a;
      if (OUTPUT_PAIRS == 2u) { g_b = gradient(n, block_b, q_y, q_x, lane); }
      let a2 = load(plane_a, top, start, i32(lane));
      if (TAPS == 2) { a0 = a1; a1 = a2; }
      let r0 = spread(a0);
      let r1 = spread(a1);
      let r2 = spread(a2);
      aa = add_products(aa, r0, r1, r2, g_a);
      if (OUTPUT_PAIRS == 2u) { ab = add_products(ab, r0, r1, r2, g_b); }
      if (TAPS == 3) { a0 = a1; a1 = a2; }
      if (INPUT_BLOCKS == 2u) {
        let b2 = load(plane_b, top, start, i32(lane));
        if (TAPS == 2) { b0 = b1; b1 = b2; }
        let s0 = spread(b0);
        let s1 = spread(b1);
        let s2 = spread(b2);
        ba = add_products(ba, s0, s1, s2, g_a);
        if (OUTPUT_PAIRS == 2u) { bb = add_products(bb, s0, s1, s2, g_b); }
        if (TAPS == 3) { b0 = b1; b1 = b2; }
      }
      top += p.stride;
    }
  }

  store(split, i, o, g_y, g_x, aa);
  if (OUTPUT_PAIRS == 2u) { store(split, i, o + 8u, g_y, g_x, ab); }
  if (INPUT_BLOCKS == 2u) { store(split, i + 1u, o, g_y, g_x, ba); }
  if (INPUT_BLOCKS == 2u && OUTPUT_PAIRS == 2u) { store(split, i + 1u, o + 8u, g_y, g_x, bb); }
}
