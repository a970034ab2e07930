// Weight gradient with any kernel, stride and padding; each of four lanes computes TAPS positions of one kernel row x 4
// input channels x BLOCKS blocks of output channels: partial sums over a range of output rows.
//
//   partials[split, i, k_y, k_x, o] = sum_{rows of the split, q_x} x[n, i, q * stride + k - padding] * dy[n, o, q]
//
// Idea     products of 4x4 matrices, input channels x 4 pixels by 4 pixels x output channels, because SwiftShader does
//          not store their terms. Each lane has its own kernel row and input channels; all use the same dy, so each
//          loads one pixel of it and broadcasts it. Positions of a row that are `stride` apart use the same pixels of x
// Layouts  x, dy: [N][C/4][H][W] vec4 over channels; partials: [split][I/4][KH][KW][O4] vec4 over input channels
// Units    (i, k_y, g), one per lane, with g = k_x mod (KW / TAPS) running fastest
// Dispatch [ceil(I/4 * KH * KW / TAPS / 4), ceil(O/4 / BLOCKS), splits]
// Rows     numbered n * H + q_y over the batch; split s has rows [s * rows_per_split, (s + 1) * rows_per_split)
// Requires quads of lanes in subgroups; BLOCKS 1, 2 or 4; TAPS 1, or 2 or 3 with KW = TAPS * stride
//          (kernels/convolution/families/matrix.ts)
// Second pass: sum_partials.wgsl, in the order of the splits

enable subgroups;

// constants
const BLOCKS: u32 = 2u;
const TAPS: u32 = 3u;
// end constants

struct Params {
  // shared: weight gradient
  x_blocks: u32, x_h: i32, x_w: i32,
  dy_blocks: u32, dy_h: u32, dy_w: u32,
  rows: u32, rows_per_split: u32,
  // end shared
  stride: i32, padding: i32,
  kernel_h: u32, kernel_w: u32,
}

@group(0) @binding(0) var<uniform> p: Params;
@group(0) @binding(1) var<storage, read> x: array<vec4f>;
@group(0) @binding(2) var<storage, read> dy: array<vec4f>;
@group(0) @binding(3) var<storage, read_write> partials: array<vec4f>;

struct Row { start: i32, inside: bool }

// x at a column of a row; zero outside.
fn pixel(row: Row, column: i32) -> vec4f {
  let value = x[u32(row.start + clamp(column, 0, p.x_w - 1))];
  return select(vec4f(), value, row.inside & (u32(column) < u32(p.x_w)));
}

// The columns of x that eight columns of dy need at TAPS positions.
struct Columns { p0: vec4f, p1: vec4f, p2: vec4f, p3: vec4f, p4: vec4f, p5: vec4f, p6: vec4f, p7: vec4f, p8: vec4f, p9: vec4f }

fn columns_of(row: Row, column: i32) -> Columns {
  let s = p.stride;
  var loaded = Columns();
  loaded.p0 = pixel(row, column);
  loaded.p1 = pixel(row, column + s);
  loaded.p2 = pixel(row, column + 2 * s);
  loaded.p3 = pixel(row, column + 3 * s);
  loaded.p4 = pixel(row, column + 4 * s);
  loaded.p5 = pixel(row, column + 5 * s);
  loaded.p6 = pixel(row, column + 6 * s);
  loaded.p7 = pixel(row, column + 7 * s);
  if (TAPS > 1u) { loaded.p8 = pixel(row, column + 8 * s); }
  if (TAPS > 2u) { loaded.p9 = pixel(row, column + 9 * s); }
  return loaded;
}

// The sums of one block of output channels: a matrix for each kernel position.
struct Sums { first: mat4x4f, second: mat4x4f, third: mat4x4f }

// dy at four columns of a row, the same in every lane: a column of the matrix for each output channel.
fn gradient(row: u32, column: u32, lane: u32) -> mat4x4f {
  let at = column + lane;
  let own = select(vec4f(), dy[row + min(at, p.dy_w - 1u)], at < p.dy_w);
  return transpose(mat4x4f(
    subgroupBroadcast(own, 0u), subgroupBroadcast(own, 1u), subgroupBroadcast(own, 2u), subgroupBroadcast(own, 3u)));
}

fn accumulated(sum: Sums, x: Columns, dy_row: u32, q_x: u32, lane: u32) -> Sums {
  let d0 = gradient(dy_row, q_x, lane);
  let d1 = gradient(dy_row, q_x + 4u, lane);
  var more = sum;
  more.first += mat4x4f(x.p0, x.p1, x.p2, x.p3) * d0 + mat4x4f(x.p4, x.p5, x.p6, x.p7) * d1;
  if (TAPS > 1u) {
    more.second += mat4x4f(x.p1, x.p2, x.p3, x.p4) * d0 + mat4x4f(x.p5, x.p6, x.p7, x.p8) * d1;
  }
  if (TAPS > 2u) {
    more.third += mat4x4f(x.p2, x.p3, x.p4, x.p5) * d0 + mat4x4f(x.p6, x.p7, x.p8, x.p9) * d1;
  }
  return more;
}

fn store_matrix(at: u32, sum: mat4x4f) {
  partials[at] = sum[0];
  partials[at + 1u] = sum[1];
  partials[at + 2u] = sum[2];
  partials[at + 3u] = sum[3];
}

// Stores a block's sums; `tap` vec4 lie from one kernel position to the next.
fn store(at: u32, tap: u32, exists: bool, sums: Sums) {
  if (!exists) { return; }
  store_matrix(at, sums.first);
  if (TAPS > 1u) { store_matrix(at + tap, sums.second); }
  if (TAPS > 2u) { store_matrix(at + 2u * tap, sums.third); }
}

@compute @workgroup_size(4)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(subgroup_invocation_id) lane: u32) {
  let groups = p.kernel_w / TAPS;
  let units = p.x_blocks * p.kernel_h * groups;
  let own = group.x * 4u + lane;
  let unit = min(own, units - 1u);
  let g = unit % groups;
  let i_row = unit / groups;
  let k_y = i_row % p.kernel_h;
  let i = i_row / p.kernel_h;
  let o = group.y * BLOCKS;
  // Blocks past the last repeat it and are not stored.
  let last = p.dy_blocks - 1u;
  let o1 = min(o + 1u, last);
  let o2 = min(o + 2u, last);
  let o3 = min(o + 3u, last);

  var sum0 = Sums(); var sum1 = Sums(); var sum2 = Sums(); var sum3 = Sums();

  let first_row = group.z * p.rows_per_split;
  // One loop over rows and columns: SwiftShader copies every sum at each level of nesting.
  let steps = (min(first_row + p.rows_per_split, p.rows) - first_row) * ((p.dy_w + 7u) / 8u);
  var n = first_row / p.dy_h;
  var q_y = first_row % p.dy_h;
  var q_x = 0u;
  let s = p.stride;
  for (var step = 0u; step < steps; step++) {
    let x_y = i32(q_y) * s + i32(k_y) - p.padding;
    let x_row = i32(n * p.x_blocks + i) * p.x_h + clamp(x_y, 0, p.x_h - 1);
    let row = Row(x_row * p.x_w, u32(x_y) < u32(p.x_h));
    let column = i32(q_x) * s + i32(g) - p.padding;
    let here = columns_of(row, column);
    let dy_block = p.dy_h * p.dy_w;
    let dy_row = n * p.dy_blocks * dy_block + q_y * p.dy_w;
    sum0 = accumulated(sum0, here, dy_row + o * dy_block, q_x, lane);
    if (BLOCKS > 1u) { sum1 = accumulated(sum1, here, dy_row + o1 * dy_block, q_x, lane); }
    if (BLOCKS > 2u) {
      sum2 = accumulated(sum2, here, dy_row + o2 * dy_block, q_x, lane);
      sum3 = accumulated(sum3, here, dy_row + o3 * dy_block, q_x, lane);
    }
    q_x += 8u;
    let next_row = q_x >= p.dy_w;
    q_x = select(q_x, 0u, next_row);
    q_y += select(0u, 1u, next_row);
    let next_image = q_y == p.dy_h;
    q_y = select(q_y, 0u, next_image);
    n += select(0u, 1u, next_image);
  }

  if (own >= units) { return; }
  let o4 = p.dy_blocks * 4u;
  let first = ((group.z * p.x_blocks * p.kernel_h + i_row) * p.kernel_w + g) * o4;
  let tap = groups * o4;
  store(first + o * 4u, tap, true, sum0);
  if (BLOCKS > 1u) { store(first + o1 * 4u, tap, o < last, sum1); }
  if (BLOCKS > 2u) {
    store(first + o2 * 4u, tap, o + 1u < last, sum2);
    store(first + o3 * 4u, tap, o + 2u < last, sum3);
  }
}
