// Convolution as an implicit matrix product, its operands staged in workgroup memory: for GPUs.
//
//   y[n, o, phase + q * out_stride] = act(bias[o] + sum_{t, i} w[i, tap0 + t * tap_step, o] * x[n, i, origin + q * in_stride + t])
//   for every q in q_size, t in taps. Forward: one phase. Input gradient of stride s: s x s phases, each with
//   the taps that meet it, so no divisibility is tested; phases x phases of them at once where they differ evenly.
//
// Idea     rows of the product are the pixels of a patch, columns its output channels, and the sum runs over
//          (t_y, t_x, i), channels fastest: each step stages DEPTH blocks of channels at one tap. An output is one
//          chain of fma in that order, whatever the tile, so its bits do not depend on the tile.
// Layouts  x, y: [N][C/4][H][W] vec4 over channels; w: [I/4][KH][KW][O4] vec4 over input channels; bias: [O/4] vec4
// Tile     PIXEL_LANES * PIXELS pixels, PATCH_W of them side by side, x CHANNEL_LANES * BLOCKS blocks of 4
//          channels; an invocation has PIXELS x BLOCKS of them in registers
// Memory   neighbouring lanes have neighbouring pixels: loads and stores are coalesced, reads of xs meet no bank
//          twice, and all of them read the same ws
// Dispatch [ceil(q_w / PATCH_W), ceil(q_h / patch height), N * phases^2 * ceil(O/4 / (CHANNEL_LANES * BLOCKS))]
// Requires PIXELS 2 or 4, BLOCKS 1 or 2, PIXEL_LANES * PIXELS a multiple of PATCH_W (kernels/convolution/families/workgroup.ts)

// constants
const PIXEL_LANES: u32 = 32u;
const CHANNEL_LANES: u32 = 4u;
const PIXELS: u32 = 4u;
const BLOCKS: u32 = 2u;
const PATCH_W: u32 = 16u;
const DEPTH: u32 = 4u;
const RELU: bool = false;
const BIAS: bool = false;
// end constants

const LANES: u32 = PIXEL_LANES * CHANNEL_LANES;
const TILE_PIXELS: u32 = PIXEL_LANES * PIXELS;
const TILE_BLOCKS: u32 = CHANNEL_LANES * BLOCKS;

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
  // end shared
  columns: u32,
  // Along each axis; what a phase adds to origin and tap0.
  phases: u32, origin_step: i32, tap0_step: i32,
}

// How activations and weights are stored; sums and products are f32.
alias Stored = vec4<f32>;

@group(0) @binding(0) var<uniform> p: Params;
@group(0) @binding(1) var<storage, read> x: array<Stored>;
@group(0) @binding(2) var<storage, read> w: array<Stored>;
@group(0) @binding(3) var<storage, read> bias: array<Stored>;
@group(0) @binding(4) var<storage, read_write> y: array<Stored>;

// [DEPTH][TILE_PIXELS], over input channels.
var<workgroup> xs: array<vec4f, DEPTH * TILE_PIXELS>;
// [DEPTH][4 input channels][TILE_BLOCKS], over output channels.
var<workgroup> ws: array<vec4f, DEPTH * 4u * TILE_BLOCKS>;

// sum + x * (rows over output channels), four links of the chain.
fn multiply(x: vec4f, r0: vec4f, r1: vec4f, r2: vec4f, r3: vec4f, sum: vec4f) -> vec4f {
  return fma(vec4f(x.w), r3, fma(vec4f(x.z), r2, fma(vec4f(x.y), r1, fma(vec4f(x.x), r0, sum))));
}

fn stage_x(lane: u32, i0: u32, plane0: i32, top: i32, left: i32) {
  for (var e = lane; e < DEPTH * TILE_PIXELS; e += LANES) {
    let i = i0 + e / TILE_PIXELS;
    let pixel = e % TILE_PIXELS;
    let row = top + i32(pixel / PATCH_W) * p.in_stride;
    let column = left + i32(pixel % PATCH_W) * p.in_stride;
    let inside = row >= 0 && row < p.x_h && column >= 0 && column < p.x_w && i < p.x_blocks;
    let at = plane0 + (i32(i) * p.x_h + row) * p.x_w + column;
    xs[e] = select(vec4f(), vec4f(x[u32(select(0, at, inside))]), inside);
  }
}

fn stage_w(lane: u32, i0: u32, block0: u32, tap: i32) {
  for (var e = lane; e < DEPTH * TILE_BLOCKS; e += LANES) {
    let d = e / TILE_BLOCKS;
    let b = e % TILE_BLOCKS;
    let inside = i0 + d < p.x_blocks && (block0 + b) * 4u < p.o4;
    let row = u32(i32(i0 + d) * p.kernel_h * p.kernel_w + tap) * p.o4;
    let at = select(0u, row + (block0 + b) * 4u, inside);
    let m = transpose(mat4x4f(vec4f(w[at]), vec4f(w[at + 1u]), vec4f(w[at + 2u]), vec4f(w[at + 3u])));
    let to = d * 4u * TILE_BLOCKS + b;
    ws[to] = m[0];
    ws[to + TILE_BLOCKS] = m[1];
    ws[to + 2u * TILE_BLOCKS] = m[2];
    ws[to + 3u * TILE_BLOCKS] = m[3];
  }
}

// Where a workgroup's outputs go: the image, the first pixel of its phase, the first pixel of its patch in q.
struct Patch { n: u32, phase_y: u32, phase_x: u32, q_y: u32, q_x: u32 }

fn store(to: Patch, block: u32, pixel: u32, value: vec4f) {
  let q_y = to.q_y + pixel / PATCH_W;
  let q_x = to.q_x + pixel % PATCH_W;
  if (q_x >= p.q_w || q_y >= p.q_h || block * 4u >= p.o4) { return; }
  let y_y = to.phase_y + q_y * p.out_stride;
  let y_x = to.phase_x + q_x * p.out_stride;
  let at = ((to.n * (p.o4 / 4u) + block) * p.y_h + y_y) * p.y_w + y_x;
  y[at] = Stored(select(value, max(value, vec4f()), RELU));
}

fn store_block(to: Patch, block: u32, pixel: u32, s0: vec4f, s1: vec4f, s2: vec4f, s3: vec4f) {
  var offset = vec4f();
  if (BIAS) { offset = vec4f(bias[min(block, p.o4 / 4u - 1u)]); }
  let next = pixel + PIXEL_LANES;
  store(to, block, pixel, s0 + offset);
  store(to, block, next, s1 + offset);
  if (PIXELS == 4u) {
    let third = next + PIXEL_LANES;
    let fourth = third + PIXEL_LANES;
    store(to, block, third, s2 + offset);
    store(to, block, fourth, s3 + offset);
  }
}

@compute @workgroup_size(LANES)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) lane: u32) {
  let pixel = lane % PIXEL_LANES;
  let column = lane / PIXEL_LANES;
  let q_x0 = group.x * PATCH_W;
  let q_y0 = group.y * (TILE_PIXELS / PATCH_W);
  let strips = (p.o4 / 4u + TILE_BLOCKS - 1u) / TILE_BLOCKS;
  let phase = group.z / strips % (p.phases * p.phases);
  let phase_y = phase / p.phases;
  let phase_x = phase % p.phases;
  let n = group.z / strips / (p.phases * p.phases);
  let block0 = group.z % strips * TILE_BLOCKS;
  let plane0 = i32(n * p.x_blocks) * p.x_h * p.x_w;
  let top = i32(q_y0) * p.in_stride + p.origin_y + i32(phase_y) * p.origin_step;
  let left = i32(q_x0) * p.in_stride + p.origin_x + i32(phase_x) * p.origin_step;

  var a0 = vec4f(); var a1 = vec4f(); var a2 = vec4f(); var a3 = vec4f();
  var b0 = vec4f(); var b1 = vec4f(); var b2 = vec4f(); var b3 = vec4f();
  let tap0_y = p.tap0_y + i32(phase_y) * p.tap0_step;
  let tap0_x = p.tap0_x + i32(phase_x) * p.tap0_step;

  for (var t_y = 0; t_y < p.taps_y; t_y++) {
    for (var t_x = 0; t_x < p.taps_x; t_x++) {
      let tap = (tap0_y + t_y * p.tap_step) * p.kernel_w + tap0_x + t_x * p.tap_step;
      for (var i0 = 0u; i0 < p.x_blocks; i0 += DEPTH) {
        stage_x(lane, i0, plane0, top + t_y, left + t_x);
        stage_w(lane, i0, block0, tap);
        workgroupBarrier();
        let depth = min(DEPTH, p.x_blocks - i0);
        for (var d = 0u; d < depth; d++) {
          let x_at = d * TILE_PIXELS + pixel;
          let w_at = d * 4u * TILE_BLOCKS + column;
          let x0 = xs[x_at];
          let x1 = xs[x_at + PIXEL_LANES];
          let r0 = ws[w_at];
          let r1 = ws[w_at + TILE_BLOCKS];
          let r2 = ws[w_at + 2u * TILE_BLOCKS];
          let r3 = ws[w_at + 3u * TILE_BLOCKS];
          var x2 = vec4f();
          var x3 = vec4f();
          if (PIXELS == 4u) {
            x2 = xs[x_at + 2u * PIXEL_LANES];
            x3 = xs[x_at + 3u * PIXEL_LANES];
          }
          a0 = multiply(x0, r0, r1, r2, r3, a0);
          a1 = multiply(x1, r0, r1, r2, r3, a1);
          if (PIXELS == 4u) {
            a2 = multiply(x2, r0, r1, r2, r3, a2);
            a3 = multiply(x3, r0, r1, r2, r3, a3);
          }
          if (BLOCKS == 2u) {
            let k0 = ws[w_at + CHANNEL_LANES];
            let k1 = ws[w_at + TILE_BLOCKS + CHANNEL_LANES];
            let k2 = ws[w_at + 2u * TILE_BLOCKS + CHANNEL_LANES];
            let k3 = ws[w_at + 3u * TILE_BLOCKS + CHANNEL_LANES];
            b0 = multiply(x0, k0, k1, k2, k3, b0);
            b1 = multiply(x1, k0, k1, k2, k3, b1);
            if (PIXELS == 4u) {
              b2 = multiply(x2, k0, k1, k2, k3, b2);
              b3 = multiply(x3, k0, k1, k2, k3, b3);
            }
          }
        }
        workgroupBarrier();
      }
    }
  }

  let to = Patch(n, p.phase_y + phase_y, p.phase_x + phase_x, q_y0, q_x0);
  store_block(to, block0 + column, pixel, a0, a1, a2, a3);
  if (BLOCKS == 2u) { store_block(to, block0 + column + CHANNEL_LANES, pixel, b0, b1, b2, b3); }
}
