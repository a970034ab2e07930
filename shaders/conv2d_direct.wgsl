// Convolution with any kernel, stride, padding and phase; one invocation computes 8 pixels of a row in 8 channels.
//
//   y[n, o, phase + q * out_stride] = act(bias[o] + sum_{i,t} w[i, tap0 + t * tap_step, o] * x[n, i, origin + q * in_stride + t])
//   for every q in q_size, t in taps. Forward: one phase. Input gradient of stride s: s x s phases, each with
//   only the taps that reach it, so no divisibility has to be tested.
//
// Layouts  x, y: [N][C/4][H][W] vec4 over channels; w: [I/4][KH][KW][O4] vec4 over input channels; bias: [O/4] vec4
// Tile     8 pixels of a row x a pair of blocks of output channels; products of a row vector and a 4x4 matrix
// Dispatch [columns, rows, N * ceil(O/4 / 2)] with columns * rows * WORKGROUP >= ceil(q_w / 8) * q_h
// Requires zero padding in w up to O4 (kernels/conv2d.ts)

// constants
const WORKGROUP: u32 = 64u;
// end constants

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
}

// How activations and weights are stored; arithmetic is f32.
alias Stored = vec4<f32>;

@group(0) @binding(0) var<uniform> p: Params;
@group(0) @binding(1) var<storage, read> x: array<Stored>;
@group(0) @binding(2) var<storage, read> w: array<Stored>;
@group(0) @binding(3) var<storage, read> bias: array<Stored>;
@group(0) @binding(4) var<storage, read_write> y: array<Stored>;

// x at column `column` of the row that starts at `row`; zero outside.
fn pixel(row: i32, column: i32) -> vec4f {
  let inside = column >= 0 && column < p.x_w;
  return select(vec4f(), vec4f(x[u32(select(0, row + column, inside))]), inside);
}

fn weights(at: u32) -> mat4x4f {
  return mat4x4f(vec4f(w[at]), vec4f(w[at + 1u]), vec4f(w[at + 2u]), vec4f(w[at + 3u]));
}

fn store(n: u32, block: u32, q_y: u32, q_x: u32, value: vec4f) {
  if (q_x >= p.q_w || block * 4u >= p.o4) { return; }
  let y_y = p.phase_y + q_y * p.out_stride;
  let y_x = p.phase_x + q_x * p.out_stride;
  y[((n * (p.o4 / 4u) + block) * p.y_h + y_y) * p.y_w + y_x] = Stored(select(value, max(value, vec4f()), p.relu != 0u));
}

@compute @workgroup_size(WORKGROUP)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) lane: u32) {
  let tiles = (p.q_w + 7u) / 8u;
  let tile = (group.y * p.columns + group.x) * WORKGROUP + lane;
  if (tile >= tiles * p.q_h) { return; }
  let q_y = tile / tiles;
  let q_x = (tile % tiles) * 8u;
  let y_blocks = p.o4 / 4u;
  let pairs = (y_blocks + 1u) / 2u;
  let n = group.z / pairs;
  let block = group.z % pairs * 2u;
  // If the number of blocks is odd, the last pair repeats its first block and does not store it.
  let block1 = min(block + 1u, y_blocks - 1u);

  var a0 = vec4f(); var a1 = vec4f(); var a2 = vec4f(); var a3 = vec4f();
  var a4 = vec4f(); var a5 = vec4f(); var a6 = vec4f(); var a7 = vec4f();
  var b0 = vec4f(); var b1 = vec4f(); var b2 = vec4f(); var b3 = vec4f();
  var b4 = vec4f(); var b5 = vec4f(); var b6 = vec4f(); var b7 = vec4f();

  let s = p.in_stride;
  let x_y0 = i32(q_y) * s + p.origin_y;
  let x_x0 = i32(q_x) * s + p.origin_x;
  for (var i = 0u; i < p.x_blocks; i++) {
    for (var t_y = 0; t_y < p.taps_y; t_y++) {
      let x_y = x_y0 + t_y;
      if (x_y < 0 || x_y >= p.x_h) { continue; }
      let row = (i32(n * p.x_blocks + i) * p.x_h + x_y) * p.x_w;
      let w_row = (i32(i) * p.kernel_h + p.tap0_y + t_y * p.tap_step) * p.kernel_w + p.tap0_x;
      for (var t_x = 0; t_x < p.taps_x; t_x++) {
        let w_at = u32(w_row + t_x * p.tap_step) * p.o4;
        let m = weights(w_at + block * 4u);
        let k = weights(w_at + block1 * 4u);
        let c = x_x0 + t_x;
        let x0 = pixel(row, c);
        let x1 = pixel(row, c + s);
        let x2 = pixel(row, c + 2 * s);
        let x3 = pixel(row, c + 3 * s);
        let x4 = pixel(row, c + 4 * s);
        let x5 = pixel(row, c + 5 * s);
        let x6 = pixel(row, c + 6 * s);
        let x7 = pixel(row, c + 7 * s);
        a0 += x0 * m; a1 += x1 * m; a2 += x2 * m; a3 += x3 * m;
        a4 += x4 * m; a5 += x5 * m; a6 += x6 * m; a7 += x7 * m;
        b0 += x0 * k; b1 += x1 * k; b2 += x2 * k; b3 += x3 * k;
        b4 += x4 * k; b5 += x5 * k; b6 += x6 * k; b7 += x7 * k;
      }
    }
  }

  let first = select(vec4f(), vec4f(bias[block]), p.biased != 0u);
  let second = select(vec4f(), vec4f(bias[block1]), p.biased != 0u);
  store(n, block, q_y, q_x, a0 + first); store(n, block, q_y, q_x + 1u, a1 + first);
  store(n, block, q_y, q_x + 2u, a2 + first); store(n, block, q_y, q_x + 3u, a3 + first);
  store(n, block, q_y, q_x + 4u, a4 + first); store(n, block, q_y, q_x + 5u, a5 + first);
  store(n, block, q_y, q_x + 6u, a6 + first); store(n, block, q_y, q_x + 7u, a7 + first);
  store(n, block + 1u, q_y, q_x, b0 + second); store(n, block + 1u, q_y, q_x + 1u, b1 + second);
  store(n, block + 1u, q_y, q_x + 2u, b2 + second); store(n, block + 1u, q_y, q_x + 3u, b3 + second);
  store(n, block + 1u, q_y, q_x + 4u, b4 + second); store(n, block + 1u, q_y, q_x + 5u, b5 + second);
  store(n, block + 1u, q_y, q_x + 6u, b6 + second); store(n, block + 1u, q_y, q_x + 7u, b7 + second);
}
