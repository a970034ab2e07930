// Weight gradient as an implicit matrix product with operands staged in workgroup memory: for GPUs.
//
//   partials[split, i, k_y, k_x, o] = sum_{rows of the split, q_x} x[n, i, q * stride + k - padding] * dy[n, o, q]
//
// Idea     a workgroup computes up to TAPS positions of one kernel row at once: x is staged once with its halo, and each
//          dy read is used for all of them. If there are few channels, the lanes divide the pixels among them and add
//          their sums at the end, in a fixed order
// Layouts  x, dy: [N][C/4][H][W] vec4 over channels; partials: [split][I/4][KH][KW][O4] vec4 over input channels
// Tile     X_LANES blocks of input channels x DY_LANES blocks of output channels x TAPS; an invocation keeps one block of
//          each and all taps in registers, and processes every PIXEL_LANES-th pixel of SPAN
// Dispatch [ceil(I/4 / X_LANES), ceil(O/4 / DY_LANES), splits * KH * ceil(KW / TAPS)]
// Rows     numbered n * H + q_y over the batch; split s has rows [s * rows_per_split, (s + 1) * rows_per_split)
// Requires TAPS at most 4, SPAN a multiple of PIXEL_LANES (kernels/convolution/families/workgroup.ts)
// Second pass: sum_partials.wgsl, in the order of the splits

// constants
const X_LANES: u32 = 8u;
const DY_LANES: u32 = 8u;
const PIXEL_LANES: u32 = 1u;
const SPAN: u32 = 32u;
const TAPS: u32 = 3u;
const STRIDE: u32 = 1u;
// end constants

const LANES: u32 = X_LANES * DY_LANES * PIXEL_LANES;
const X_SPAN: u32 = (SPAN - 1u) * STRIDE + TAPS;
// Odd, so that lanes with different channels use different banks.
const X_PITCH: u32 = X_SPAN | 1u;
const DY_PITCH: u32 = SPAN + 1u;
// The next pixel needs the same columns of x except one.
const ROLLS: bool = PIXEL_LANES == 1u && STRIDE == 1u;

struct Params {
  // shared: weight gradient
  x_blocks: u32, x_h: i32, x_w: i32,
  dy_blocks: u32, dy_h: u32, dy_w: u32,
  rows: u32, rows_per_split: u32,
  // end shared
  padding: i32, kernel_h: u32, kernel_w: u32,
  // The first workgroup of this dispatch, which may be a part of the grid.
  first_x: u32, first_y: u32, first_z: u32,
}

@group(0) @binding(0) var<uniform> p: Params;
@group(0) @binding(1) var<storage, read> x: array<vec4f>;
@group(0) @binding(2) var<storage, read> dy: array<vec4f>;
@group(0) @binding(3) var<storage, read_write> partials: array<vec4f>;

var<workgroup> xs: array<vec4f, X_LANES * X_PITCH>;
var<workgroup> dys: array<vec4f, DY_LANES * DY_PITCH>;
var<workgroup> sums: array<vec4f, LANES>;

fn stage_x(lane: u32, i0: u32, n: u32, row: i32, left: i32) {
  for (var e = lane; e < X_LANES * X_SPAN; e += LANES) {
    let i = i0 + e / X_SPAN;
    let column = left + i32(e % X_SPAN);
    let inside = column >= 0 && column < p.x_w && i < p.x_blocks;
    let at = (i32(n * p.x_blocks + i) * p.x_h + row) * p.x_w + column;
    xs[e / X_SPAN * X_PITCH + e % X_SPAN] = select(vec4f(), x[u32(select(0, at, inside))], inside);
  }
}

fn stage_dy(lane: u32, o0: u32, n: u32, row: u32, left: u32) {
  for (var e = lane; e < DY_LANES * SPAN; e += LANES) {
    let o = o0 + e / SPAN;
    let column = left + e % SPAN;
    let inside = column < p.dy_w && o < p.dy_blocks;
    let at = ((n * p.dy_blocks + o) * p.dy_h + row) * p.dy_w + column;
    dys[e / SPAN * DY_PITCH + e % SPAN] = select(vec4f(), dy[select(0u, at, inside)], inside);
  }
}

// The sum over adjacent pixel lanes by halving; valid in the first.
fn fold(lane: u32, own: vec4f) -> vec4f {
  if (PIXEL_LANES == 1u) { return own; }
  workgroupBarrier();
  sums[lane] = own;
  for (var half = PIXEL_LANES / 2u; half > 0u; half /= 2u) {
    workgroupBarrier();
    if (lane % PIXEL_LANES < half) { sums[lane] += sums[lane + half]; }
  }
  return sums[lane];
}

@compute @workgroup_size(LANES)
fn main(@builtin(workgroup_id) id: vec3u, @builtin(local_invocation_index) lane: u32) {
  let group = id + vec3u(p.first_x, p.first_y, p.first_z);
  let pixel = lane % PIXEL_LANES;
  let x_lane = lane / PIXEL_LANES % X_LANES;
  let dy_lane = lane / (PIXEL_LANES * X_LANES);
  let i0 = group.x * X_LANES;
  let o0 = group.y * DY_LANES;
  let parts = (p.kernel_w + TAPS - 1u) / TAPS;
  let k_x = group.z % parts * TAPS;
  let k_y = group.z / parts % p.kernel_h;
  let split = group.z / (parts * p.kernel_h);

  // Sums by tap and output channel, each a vec4 over input channels.
  var a0 = vec4f(); var a1 = vec4f(); var a2 = vec4f(); var a3 = vec4f();
  var b0 = vec4f(); var b1 = vec4f(); var b2 = vec4f(); var b3 = vec4f();
  var c0 = vec4f(); var c1 = vec4f(); var c2 = vec4f(); var c3 = vec4f();
  var d0 = vec4f(); var d1 = vec4f(); var d2 = vec4f(); var d3 = vec4f();

  let row_end = min((split + 1u) * p.rows_per_split, p.rows);
  for (var row = split * p.rows_per_split; row < row_end; row++) {
    let n = row / p.dy_h;
    let q_y = row % p.dy_h;
    let x_y = i32(q_y * STRIDE + k_y) - p.padding;
    if (x_y < 0 || x_y >= p.x_h) { continue; }
    for (var q_x = 0u; q_x < p.dy_w; q_x += SPAN) {
      stage_x(lane, i0, n, x_y, i32(q_x * STRIDE + k_x) - p.padding);
      stage_dy(lane, o0, n, q_y, q_x);
      workgroupBarrier();
      // A bound unknown at compile time keeps the loop rolled.
      let end = min(SPAN, p.dy_w - q_x);
      let x_start = x_lane * X_PITCH;
      // The columns of x that a pixel of dy needs, by tap; before the first pixel, one column further left.
      var x0 = vec4f();
      var x1 = xs[x_start];
      var x2 = xs[x_start + min(1u, TAPS - 1u)];
      var x3 = xs[x_start + min(2u, TAPS - 1u)];
      for (var q = pixel; q < end; q += PIXEL_LANES) {
        let g = dys[dy_lane * DY_PITCH + q];
        let at = x_start + q * STRIDE;
        let last = xs[at + TAPS - 1u];
        if (ROLLS) {
          x0 = x1;
          x1 = x2;
          x2 = x3;
        } else {
          x0 = xs[at];
          x1 = xs[at + min(1u, TAPS - 1u)];
          x2 = xs[at + min(2u, TAPS - 1u)];
        }
        if (TAPS == 1u) { x0 = last; }
        if (TAPS == 2u) { x1 = last; }
        if (TAPS == 3u) { x2 = last; }
        if (TAPS == 4u) { x3 = last; }
        a0 = fma(vec4f(g.x), x0, a0); a1 = fma(vec4f(g.y), x0, a1);
        a2 = fma(vec4f(g.z), x0, a2); a3 = fma(vec4f(g.w), x0, a3);
        if (TAPS > 1u) {
          b0 = fma(vec4f(g.x), x1, b0); b1 = fma(vec4f(g.y), x1, b1);
          b2 = fma(vec4f(g.z), x1, b2); b3 = fma(vec4f(g.w), x1, b3);
        }
        if (TAPS > 2u) {
          c0 = fma(vec4f(g.x), x2, c0); c1 = fma(vec4f(g.y), x2, c1);
          c2 = fma(vec4f(g.z), x2, c2); c3 = fma(vec4f(g.w), x2, c3);
        }
        if (TAPS > 3u) {
          d0 = fma(vec4f(g.x), x3, d0); d1 = fma(vec4f(g.y), x3, d1);
          d2 = fma(vec4f(g.z), x3, d2); d3 = fma(vec4f(g.w), x3, d3);
        }
      }
      workgroupBarrier();
    }
  }

  let i = i0 + x_lane;
  let o = o0 + dy_lane;
  let o4 = p.dy_blocks * 4u;
  let at = (((split * p.x_blocks + i) * p.kernel_h + k_y) * p.kernel_w + k_x) * o4 + o * 4u;
  let writes = pixel == 0u && i < p.x_blocks && o < p.dy_blocks;
  var own = array<vec4f, 16>(a0, a1, a2, a3, b0, b1, b2, b3, c0, c1, c2, c3, d0, d1, d2, d3);
  // Rolled too: sixteen folds in a row take long to compile.
  let count = 4u * min(TAPS, p.kernel_w - k_x);
  for (var s = 0u; s < count; s++) {
    let sum = fold(lane, own[s]);
    if (writes) { partials[at + s / 4u * o4 + s % 4u] = sum; }
  }
}
