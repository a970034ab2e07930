// Convolution as an implicit matrix product: for GPUs.
//
//   y[n, o, phase + q * out_stride] = act(bias[o] + sum_{t, i} w[i, tap0 + t * tap_step, o] * x[n, i, origin + q * in_stride + t])
//   for every q in q_size, t in taps. Forward: one phase. Input gradient of stride s: s x s phases, each with
//   only the taps that reach it, so no divisibility has to be tested; phases x phases of them at once if evenly spaced.
//
// Idea     an invocation computes PIXELS pixels, one below the other. For each column of the kernel and block of input
//          channels it reads the rows of x that they need once, for TAPS rows of the kernel. Whatever the tile, an output
//          is one chain of fma, over (t_y / TAPS, t_x, i / 4, t_y % TAPS, i % 4), so its bits do not depend on the tile
//          With f16 arithmetic a step, which is 4 * TAPS products, is a chain of its own in f16, added to a sum in f32.
// Layouts  x, y: [N][C/4][H][W] vec4 over channels; w: [I/4][KH][KW][O4] vec4 over input channels; bias: [O/4] vec4
// Tile     a patch of PATCH_W pixels side by side in PIXEL_LANES / PATCH_W * PIXELS rows, x CHANNEL_LANES * BLOCKS blocks
//          of output channels; an invocation keeps PIXELS x BLOCKS of them in registers
// Memory   weights are staged in workgroup memory, and so is x if several invocations read the same values
//          (CHANNEL_LANES > 1). Neighbouring lanes have neighbouring pixels: loads and stores are coalesced, reads of xs
//          have no bank conflicts, and all lanes read the same ws. A step reads one element of xs and one of ws by index
//          and the rest at constant offsets: two bounds checks for TAPS * PIXELS * BLOCKS products
// Dispatch [ceil(q_w / PATCH_W), ceil(q_h / patch height), N * phases^2 * ceil(O/4 / (CHANNEL_LANES * BLOCKS))]
// Requires PIXELS 2 or 4, BLOCKS 1 or 2, PATCH_W even and a divisor of PIXEL_LANES; TAPS 1, or with in_stride 1 up to 3;
//          taps_y a multiple of TAPS (kernels/convolution/families/workgroup.ts)

// constants
const PIXEL_LANES: u32 = 32u;
const CHANNEL_LANES: u32 = 4u;
const PIXELS: u32 = 4u;
const BLOCKS: u32 = 2u;
const PATCH_W: u32 = 16u;
const DEPTH: u32 = 2u;
const TAPS: u32 = 3u;
const F16_STEPS: bool = false;
// end constants

const LANES: u32 = PIXEL_LANES * CHANNEL_LANES;
const TILE_BLOCKS: u32 = CHANNEL_LANES * BLOCKS;
const IS_STAGED: bool = CHANNEL_LANES > 1u;
// Rows of x that the outputs of an invocation need.
const ROWS: u32 = PIXELS + TAPS - 1u;
// Odd, so that neighbouring lanes use different banks.
const X_PITCH: u32 = ROWS | 1u;
const W_PITCH: u32 = 4u * TAPS * BLOCKS + 1u;
const X_COLUMNS: u32 = DEPTH * PIXEL_LANES * min(1u, CHANNEL_LANES - 1u);

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
  // Phases along each axis, and what each adds to origin and tap0.
  phases: u32, origin_step: i32, tap0_step: i32,
  // The first workgroup of this dispatch, which may be a part of the grid.
  first_x: u32, first_y: u32, first_z: u32,
}

// How activations and weights are stored.
alias Stored = vec4<f32>;
// How they are staged and multiplied; f16 if F16_STEPS.
alias Factor = vec4<f32>;

@group(0) @binding(0) var<uniform> p: Params;
@group(0) @binding(1) var<storage, read> x: array<Stored>;
@group(0) @binding(2) var<storage, read> w: array<Stored>;
@group(0) @binding(3) var<storage, read> bias: array<Stored>;
@group(0) @binding(4) var<storage, read_write> y: array<Stored>;
@group(0) @binding(5) var<storage, read_write> pooled: array<Stored>;

// [DEPTH][PIXEL_LANES] of ROWS, over input channels; at the end, a value from each lane for its neighbour.
var<workgroup> xs: array<array<Factor, X_PITCH>, max(X_COLUMNS, LANES / X_PITCH + 1u)>;
// [DEPTH][CHANNEL_LANES] of [TAPS][BLOCKS][4 output channels], over input channels.
var<workgroup> ws: array<array<Factor, W_PITCH>, DEPTH * CHANNEL_LANES>;

// The rows of x that an invocation's outputs need, in one column and block of channels.
struct Column { x0: Factor, x1: Factor, x2: Factor, x3: Factor, x4: Factor, x5: Factor }
const ROW2: u32 = min(2u, ROWS - 1u);
const ROW3: u32 = min(3u, ROWS - 1u);
const ROW4: u32 = min(4u, ROWS - 1u);
const ROW5: u32 = min(5u, ROWS - 1u);

// Offsets of the weights of the second block of outputs, and of the second and third tap.
const BLOCK1: u32 = 4u * (BLOCKS - 1u);
const TAP1: u32 = 4u * BLOCKS * min(1u, TAPS - 1u);
const TAP2: u32 = 4u * BLOCKS * (TAPS - 1u);
const T1: u32 = TAP1 + BLOCK1;
const T2: u32 = TAP2 + BLOCK1;

// The sums of PIXELS pixels in one block of channels, and all sums of an invocation.
struct Sums { s0: vec4f, s1: vec4f, s2: vec4f, s3: vec4f }
struct Tile { a: Sums, b: Sums }
// The chains of a step: they continue the sums or, with F16_STEPS, start at zero.
struct Step { s0: Factor, s1: Factor, s2: Factor, s3: Factor }

// Where an invocation stores its outputs: the image, the phase, its first pixel in q, and its first block of channels.
struct Place { n: u32, phase_y: u32, phase_x: u32, q_y: u32, q_x: u32, block: u32 }

fn place(id: vec3u, lane: u32) -> Place {
  let group = id + vec3u(p.first_x, p.first_y, p.first_z);
  let pixel = lane % PIXEL_LANES;
  let channel_tiles = (p.o4 / 4u + TILE_BLOCKS - 1u) / TILE_BLOCKS;
  let phase = group.z / channel_tiles % (p.phases * p.phases);
  return Place(
    group.z / channel_tiles / (p.phases * p.phases), phase / p.phases, phase % p.phases,
    (group.y * (PIXEL_LANES / PATCH_W) + pixel / PATCH_W) * PIXELS, group.x * PATCH_W + pixel % PATCH_W,
    group.z % channel_tiles * TILE_BLOCKS + lane / PIXEL_LANES);
}

// x at a row and column of a block of image n; zero outside.
fn load(n: u32, i: u32, row: i32, column: i32) -> Factor {
  let inside = (row >= 0) & (row < p.x_h) & (column >= 0) & (column < p.x_w) & (i < p.x_blocks);
  let at = (i32(n * p.x_blocks + i) * p.x_h + row) * p.x_w + column;
  return select(Factor(), Factor(x[u32(select(0, at, inside))]), inside);
}

fn loaded(n: u32, i: u32, top: i32, column: i32) -> Column {
  let s = p.in_stride;
  var c = Column(load(n, i, top, column), load(n, i, top + s, column), Factor(), Factor(), Factor(), Factor());
  if (ROWS > 2u) { c.x2 = load(n, i, top + 2 * s, column); }
  if (ROWS > 3u) { c.x3 = load(n, i, top + 3 * s, column); }
  if (ROWS > 4u) { c.x4 = load(n, i, top + 4 * s, column); }
  if (ROWS > 5u) { c.x5 = load(n, i, top + 5 * s, column); }
  return c;
}

fn staged(at: u32) -> Column {
  let own = &xs[at];
  return Column((*own)[0], (*own)[1], (*own)[ROW2], (*own)[ROW3], (*own)[ROW4], (*own)[ROW5]);
}

// Lanes with the same pixels divide their rows and blocks among them.
fn stage_x(lane: u32, n: u32, i0: u32, top: i32, column: i32) {
  let pixel = lane % PIXEL_LANES;
  for (var e = lane / PIXEL_LANES; e < DEPTH * ROWS; e += CHANNEL_LANES) {
    let row = e % ROWS;
    xs[e / ROWS * PIXEL_LANES + pixel][row] = load(n, i0 + e / ROWS, top + i32(row) * p.in_stride, column);
  }
}

fn stage_w(lane: u32, i0: u32, block0: u32, tap0_y: i32, tap_x: i32) {
  for (var e = lane; e < DEPTH * TAPS * TILE_BLOCKS * 4u; e += LANES) {
    let o = e % (TILE_BLOCKS * 4u);
    let tap = e / (TILE_BLOCKS * 4u) % TAPS;
    let d = e / (TILE_BLOCKS * 4u * TAPS);
    let inside = i0 + d < p.x_blocks && block0 * 4u + o < p.o4;
    let tap_y = tap0_y + i32(tap) * p.tap_step;
    let row = u32((i32(i0 + d) * p.kernel_h + tap_y) * p.kernel_w + tap_x) * p.o4;
    let value = select(Factor(), Factor(w[select(0u, row + block0 * 4u + o, inside)]), inside);
    let block = o / 4u;
    ws[d * CHANNEL_LANES + block % CHANNEL_LANES][(tap * BLOCKS + block / CHANNEL_LANES) * 4u + o % 4u] = value;
  }
}

fn start(s: Sums) -> Step {
  if (F16_STEPS) { return Step(); }
  return Step(Factor(s.s0), Factor(s.s1), Factor(s.s2), Factor(s.s3));
}

fn end(s: Sums, step: Step) -> Sums {
  let made = Sums(vec4f(step.s0), vec4f(step.s1), vec4f(step.s2), vec4f(step.s3));
  if (!F16_STEPS) { return made; }
  return Sums(s.s0 + made.s0, s.s1 + made.s1, s.s2 + made.s2, s.s3 + made.s3);
}

// Adds the products of x with the weights of four output channels: four links of each output's chain.
fn multiply(x: Factor, w0: Factor, w1: Factor, w2: Factor, w3: Factor, sum: Factor) -> Factor {
  let first = fma(Factor(x.x), Factor(w0.x, w1.x, w2.x, w3.x), sum);
  let second = fma(Factor(x.y), Factor(w0.y, w1.y, w2.y, w3.y), first);
  let third = fma(Factor(x.z), Factor(w0.z, w1.z, w2.z, w3.z), second);
  return fma(Factor(x.w), Factor(w0.w, w1.w, w2.w, w3.w), third);
}

// One tap.
fn add(
  s: Step, x0: Factor, x1: Factor, x2: Factor, x3: Factor, w0: Factor, w1: Factor, w2: Factor, w3: Factor,
) -> Step {
  let s0 = multiply(x0, w0, w1, w2, w3, s.s0);
  let s1 = multiply(x1, w0, w1, w2, w3, s.s1);
  if (PIXELS == 2u) { return Step(s0, s1, s.s2, s.s3); }
  return Step(s0, s1, multiply(x2, w0, w1, w2, w3, s.s2), multiply(x3, w0, w1, w2, w3, s.s3));
}

// Adds the products of a column of x with the staged weights at `at`.
fn add_column(sums: Tile, c: Column, at: u32) -> Tile {
  let k = &ws[at];
  var a = add(start(sums.a), c.x0, c.x1, c.x2, c.x3, (*k)[0], (*k)[1], (*k)[2], (*k)[3]);
  if (TAPS > 1u) {
    a = add(a, c.x1, c.x2, c.x3, c.x4, (*k)[TAP1], (*k)[TAP1 + 1u], (*k)[TAP1 + 2u], (*k)[TAP1 + 3u]);
  }
  if (TAPS > 2u) {
    a = add(a, c.x2, c.x3, c.x4, c.x5, (*k)[TAP2], (*k)[TAP2 + 1u], (*k)[TAP2 + 2u], (*k)[TAP2 + 3u]);
  }
  let sums_a = end(sums.a, a);
  if (BLOCKS == 1u) { return Tile(sums_a, sums.b); }
  var b = start(sums.b);
  b = add(b, c.x0, c.x1, c.x2, c.x3, (*k)[BLOCK1], (*k)[BLOCK1 + 1u], (*k)[BLOCK1 + 2u], (*k)[BLOCK1 + 3u]);
  if (TAPS > 1u) { b = add(b, c.x1, c.x2, c.x3, c.x4, (*k)[T1], (*k)[T1 + 1u], (*k)[T1 + 2u], (*k)[T1 + 3u]); }
  if (TAPS > 2u) { b = add(b, c.x2, c.x3, c.x4, c.x5, (*k)[T2], (*k)[T2 + 1u], (*k)[T2 + 2u], (*k)[T2 + 3u]); }
  return Tile(sums_a, end(sums.b, b));
}

fn finish(sum: vec4f, offset: vec4f) -> vec4f {
  let value = sum + offset;
  return select(value, max(value, vec4f()), p.relu != 0u);
}

fn finish_block(block: u32, s: Sums) -> Sums {
  let offset = select(vec4f(), vec4f(bias[min(block, p.o4 / 4u - 1u)]), p.biased != 0u);
  return Sums(finish(s.s0, offset), finish(s.s1, offset), finish(s.s2, offset), finish(s.s3, offset));
}

fn convolve(to: Place, lane: u32) -> Tile {
  let column = lane / PIXEL_LANES;
  let block0 = to.block - column;
  let top = i32(to.q_y) * p.in_stride + p.origin_y + i32(to.phase_y) * p.origin_step;
  let left = i32(to.q_x) * p.in_stride + p.origin_x + i32(to.phase_x) * p.origin_step;
  let tap0_y = p.tap0_y + i32(to.phase_y) * p.tap0_step;
  let tap0_x = p.tap0_x + i32(to.phase_x) * p.tap0_step;

  var sums = Tile();
  for (var t_y = 0; t_y < p.taps_y; t_y += i32(TAPS)) {
    for (var t_x = 0; t_x < p.taps_x; t_x++) {
      for (var i0 = 0u; i0 < p.x_blocks; i0 += DEPTH) {
        if (IS_STAGED) { stage_x(lane, to.n, i0, top + t_y, left + t_x); }
        stage_w(lane, i0, block0, tap0_y + t_y * p.tap_step, tap0_x + t_x * p.tap_step);
        workgroupBarrier();
        let depth = min(DEPTH, p.x_blocks - i0);
        for (var d = 0u; d < depth; d++) {
          var c: Column;
          if (IS_STAGED) {
            c = staged(d * PIXEL_LANES + lane % PIXEL_LANES);
          } else {
            c = loaded(to.n, i0 + d, top + t_y, left + t_x);
          }
          sums = add_column(sums, c, d * CHANNEL_LANES + column);
        }
        workgroupBarrier();
      }
    }
  }
  return Tile(finish_block(to.block, sums.a), finish_block(to.block + CHANNEL_LANES, sums.b));
}

fn store(to: Place, block: u32, row: u32, value: vec4f) {
  let q_y = to.q_y + row;
  if (to.q_x >= p.q_w || q_y >= p.q_h || block * 4u >= p.o4) { return; }
  let y_y = p.phase_y + to.phase_y + q_y * p.out_stride;
  let y_x = p.phase_x + to.phase_x + to.q_x * p.out_stride;
  y[((to.n * (p.o4 / 4u) + block) * p.y_h + y_y) * p.y_w + y_x] = Stored(value);
}

fn store_block(to: Place, block: u32, s: Sums) {
  store(to, block, 0u, s.s0);
  store(to, block, 1u, s.s1);
  if (PIXELS == 4u) {
    store(to, block, 2u, s.s2);
    store(to, block, 3u, s.s3);
  }
}

// Maxima of 2x2 windows. Of four rows, the lane in the even column computes the upper window and the lane beside it the
// lower; each gives the other its half. Of two rows, the lane in the even column computes the only window. Exchanging f16
// loses nothing, since f16 is stored.
fn pool_block(to: Place, lane: u32, block: u32, s: Sums) {
  let is_odd = to.q_x % 2u == 1u;
  let upper = max(s.s0, s.s1);
  let lower = max(s.s2, s.s3);
  xs[lane / X_PITCH][lane % X_PITCH] = Factor(select(lower, upper, is_odd || PIXELS == 2u));
  workgroupBarrier();
  let other = lane ^ 1u;
  let value = max(select(upper, lower, is_odd), vec4f(xs[other / X_PITCH][other % X_PITCH]));
  workgroupBarrier();
  let q_y = to.q_y + select(0u, 2u, is_odd);
  let q_x = to.q_x & ~1u;
  if (q_x + 1u >= p.q_w || q_y + 1u >= p.q_h || block * 4u >= p.o4 || (is_odd && PIXELS == 2u)) { return; }
  let row = (to.n * (p.o4 / 4u) + block) * (p.y_h / 2u) + (p.phase_y + q_y) / 2u;
  pooled[row * (p.y_w / 2u) + q_x / 2u] = Stored(value);
}

@compute @workgroup_size(LANES)
fn main(@builtin(workgroup_id) id: vec3u, @builtin(local_invocation_index) lane: u32) {
  let to = place(id, lane);
  let tile = convolve(to, lane);
  store_block(to, to.block, tile.a);
  if (BLOCKS == 2u) { store_block(to, to.block + CHANNEL_LANES, tile.b); }
}

// Also writes the maxima of 2x2 windows of y; for one phase and out_stride 1.
@compute @workgroup_size(LANES)
fn pool(@builtin(workgroup_id) id: vec3u, @builtin(local_invocation_index) lane: u32) {
  let to = place(id, lane);
  let tile = convolve(to, lane);
  store_block(to, to.block, tile.a);
  pool_block(to, lane, to.block, tile.a);
  if (BLOCKS == 2u) {
    store_block(to, to.block + CHANNEL_LANES, tile.b);
    pool_block(to, lane, to.block + CHANNEL_LANES, tile.b);
  }
}
