// Weight gradient with any kernel, stride and padding: partial sums over a range of output rows.
//
//   partials[split, i, k_y, k_x, o] = sum_{rows of the split, q_x} x[n, i, q * stride + k - padding] * dy[n, o, q]
//
// Layouts  x, dy: [N][C/4][H][W] vec4 over channels; partials: [split][I/4][KH][KW][O4] vec4 over input channels
// Tile     2 blocks of input channels x 2 blocks of output channels at one kernel position
// Dispatch [ceil(ceil(I/4 / 2) * KH * KW / WORKGROUP), ceil(O/4 / 2), splits]
// Rows     numbered n * H + q_y over the batch; split s has rows [s * rows_per_split, (s + 1) * rows_per_split)
// Second pass: sum_partials.wgsl, in the order of the splits

// constants
const WORKGROUP: u32 = 64u;
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

// Stores the gradients of 4 output channels, each a vec4 over input channels.
fn store(split: u32, i: u32, o: u32, k: u32, g0: vec4f, g1: vec4f, g2: vec4f, g3: vec4f) {
  if (i >= p.x_blocks || o >= p.dy_blocks) { return; }
  let taps = p.kernel_h * p.kernel_w;
  let at = ((split * p.x_blocks + i) * taps + k) * p.dy_blocks * 4u + o * 4u;
  partials[at] = g0;
  partials[at + 1u] = g1;
  partials[at + 2u] = g2;
  partials[at + 3u] = g3;
}

@compute @workgroup_size(WORKGROUP)
fn main(@builtin(global_invocation_id) id: vec3u) {
  let taps = p.kernel_h * p.kernel_w;
  if (id.x >= (p.x_blocks + 1u) / 2u * taps) { return; }
  let k = id.x % taps;
  let i = id.x / taps * 2u;
  let o = id.y * 2u;
  let i1 = min(i + 1u, p.x_blocks - 1u);
  let o1 = min(o + 1u, p.dy_blocks - 1u);
  let k_y = i32(k / p.kernel_w);
  let k_x = i32(k % p.kernel_w);

  // The columns whose inputs lie inside the image.
  let shift = k_x - p.padding;
  let first = u32(max(0, (-shift + p.stride - 1) / p.stride));
  let last = u32(clamp((p.x_w - 1 - shift + p.stride) / p.stride, 0, i32(p.dy_w)));

  var a0 = vec4f(); var a1 = vec4f(); var a2 = vec4f(); var a3 = vec4f();
  var b0 = vec4f(); var b1 = vec4f(); var b2 = vec4f(); var b3 = vec4f();
  var c0 = vec4f(); var c1 = vec4f(); var c2 = vec4f(); var c3 = vec4f();
  var d0 = vec4f(); var d1 = vec4f(); var d2 = vec4f(); var d3 = vec4f();

  let row_end = min((id.z + 1u) * p.rows_per_split, p.rows);
  for (var row = id.z * p.rows_per_split; row < row_end; row++) {
    let n = row / p.dy_h;
    let q_y = row % p.dy_h;
    let x_y = i32(q_y) * p.stride + k_y - p.padding;
    if (x_y < 0 || x_y >= p.x_h) { continue; }
    let x_row0 = (i32(n * p.x_blocks + i) * p.x_h + x_y) * p.x_w + shift;
    let x_row1 = (i32(n * p.x_blocks + i1) * p.x_h + x_y) * p.x_w + shift;
    let dy_row0 = ((n * p.dy_blocks + o) * p.dy_h + q_y) * p.dy_w;
    let dy_row1 = ((n * p.dy_blocks + o1) * p.dy_h + q_y) * p.dy_w;
    for (var q_x = first; q_x < last; q_x++) {
      let x0 = x[u32(x_row0 + i32(q_x) * p.stride)];
      let x1 = x[u32(x_row1 + i32(q_x) * p.stride)];
      let g0 = dy[dy_row0 + q_x];
      let g1 = dy[dy_row1 + q_x];
      a0 += g0.x * x0; a1 += g0.y * x0; a2 += g0.z * x0; a3 += g0.w * x0;
      b0 += g1.x * x0; b1 += g1.y * x0; b2 += g1.z * x0; b3 += g1.w * x0;
      c0 += g0.x * x1; c1 += g0.y * x1; c2 += g0.z * x1; c3 += g0.w * x1;
      d0 += g1.x * x1; d1 += g1.y * x1; d2 += g1.z * x1; d3 += g1.w * x1;
    }
  }

  store(id.z, i, o, k, a0, a1, a2, a3);
  store(id.z, i, o + 1u, k, b0, b1, b2, b3);
  store(id.z, i + 1u, o, k, c0, c1, c2, c3);
  store(id.z, i + 1u, o + 1u, k, d0, d1, d2, d3);
}
