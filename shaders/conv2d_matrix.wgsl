// Convolution as dense sub-lattices of 2x2 or 3x3 taps; one invocation makes 8x2 outputs in 8 channels.
//
//   The same sums, groups and uniform block as conv2d_subgroup.wgsl, without subgroups: products as row vector x
//   4x4 matrix, each loaded pixel used for every tap of its row and each matrix for 16 pixels.
//
// Layouts  x, y: [N][C/4][H][W] vec4 over channels; w: [I/4][KH][KW][O4] vec4 over input channels; bias: [O/4] vec4
// Dispatch [columns, rows, N * ceil(O/4 / 2)] with columns * rows * WORKGROUP >= ceil(q_w / 8) * ceil(q_h / 2)
// Requires every tap inside the kernel (kernels/choice.ts)

// constants
const WORKGROUP: u32 = 64u;
const TAPS: i32 = 3;
const RELU: bool = false;
const BIAS: bool = false;
// end constants

struct Params {
  x_blocks: u32, x_h: i32, x_w: i32,
  o4: u32, y_h: u32, y_w: u32,
  q_h: u32, q_w: u32,
  in_stride: i32, origin_y: i32, origin_x: i32,
  out_stride: u32, phase_y: u32, phase_x: u32,
  groups: i32, taps_y: i32, taps_x: i32,
  tap0_y: i32, tap0_x: i32, tap_step: i32,
  kernel_h: i32, kernel_w: i32,
  columns: u32,
}

@group(0) @binding(0) var<uniform> p: Params;
@group(0) @binding(1) var<storage, read> x: array<vec4f>;
@group(0) @binding(2) var<storage, read> w: array<vec4f>;
@group(0) @binding(3) var<storage, read> bias: array<vec4f>;
@group(0) @binding(4) var<storage, read_write> y: array<vec4f>;

fn pixel(plane: i32, row: i32, column: i32) -> vec4f {
  let inside = row >= 0 && row < p.x_h && column >= 0 && column < p.x_w;
  return select(vec4f(), x[u32(select(0, plane + row * p.x_w + column, inside))], inside);
}

fn weights(at: u32) -> mat4x4f {
  return mat4x4f(w[at], w[at + 1u], w[at + 2u], w[at + 3u]);
}

fn store(n: u32, block: u32, q_y: u32, q_x: u32, value: vec4f) {
  if (q_y >= p.q_h || q_x >= p.q_w || block * 4u >= p.o4) { return; }
  let y_y = p.phase_y + q_y * p.out_stride;
  let y_x = p.phase_x + q_x * p.out_stride;
  y[((n * (p.o4 / 4u) + block) * p.y_h + y_y) * p.y_w + y_x] = select(value, max(value, vec4f()), RELU);
}

@compute @workgroup_size(WORKGROUP)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) lane: u32) {
  let tiles = (p.q_w + 7u) / 8u;
  let tile = (group.y * p.columns + group.x) * WORKGROUP + lane;
  if (tile >= tiles * ((p.q_h + 1u) / 2u)) { return; }
  let q_y = tile / tiles * 2u;
  let q_x = tile % tiles * 8u;
  let blocks = p.o4 / 4u;
  let pairs = (blocks + 1u) / 2u;
  let n = group.z / pairs;
  let block = group.z % pairs * 2u;
  // The second block of an odd count repeats the first and is not stored.
  let next = (min(block + 1u, blocks - 1u) - block) * 4u;

  // Pixels of the first row in both blocks, then of the second.
  var a0 = vec4f(); var a1 = vec4f(); var a2 = vec4f(); var a3 = vec4f();
  var a4 = vec4f(); var a5 = vec4f(); var a6 = vec4f(); var a7 = vec4f();
  var b0 = vec4f(); var b1 = vec4f(); var b2 = vec4f(); var b3 = vec4f();
  var b4 = vec4f(); var b5 = vec4f(); var b6 = vec4f(); var b7 = vec4f();
  var c0 = vec4f(); var c1 = vec4f(); var c2 = vec4f(); var c3 = vec4f();
  var c4 = vec4f(); var c5 = vec4f(); var c6 = vec4f(); var c7 = vec4f();
  var d0 = vec4f(); var d1 = vec4f(); var d2 = vec4f(); var d3 = vec4f();
  var d4 = vec4f(); var d5 = vec4f(); var d6 = vec4f(); var d7 = vec4f();

  let s = p.in_stride;
  for (var g = 0; g < p.groups * p.groups; g++) {
    let top = i32(q_y) * s + p.origin_y + g / p.groups;
    let left = i32(q_x) * s + p.origin_x + g % p.groups;
    let w_first = (p.tap0_y + g / p.groups) * p.kernel_w + p.tap0_x + g % p.groups;
    for (var i = 0u; i < p.x_blocks; i++) {
      let plane = i32(n * p.x_blocks + i) * p.x_h * p.x_w;
      for (var t = 0; t < p.taps_y; t++) {
        let w_at = i32(i) * p.kernel_h * p.kernel_w + w_first + t * p.tap_step * p.kernel_w;
        let w0 = u32(w_at) * p.o4 + block * 4u;
        let w1 = u32(w_at + p.tap_step) * p.o4 + block * 4u;
        let m0 = weights(w0);
        let m1 = weights(w1);
        let k0 = weights(w0 + next);
        let k1 = weights(w1 + next);
        var m2 = mat4x4f();
        var k2 = mat4x4f();
        if (TAPS == 3) {
          let w2 = u32(w_at + 2 * p.tap_step) * p.o4 + block * 4u;
          m2 = weights(w2);
          k2 = weights(w2 + next);
        }
        let row = top + t * s;
        let e0 = pixel(plane, row, left);
        let e1 = pixel(plane, row, left + s);
        let e2 = pixel(plane, row, left + 2 * s);
        let e3 = pixel(plane, row, left + 3 * s);
        let e4 = pixel(plane, row, left + 4 * s);
        let e5 = pixel(plane, row, left + 5 * s);
        let e6 = pixel(plane, row, left + 6 * s);
        let e7 = pixel(plane, row, left + 7 * s);
        let e8 = pixel(plane, row, left + 8 * s);
        let e9 = pixel(plane, row, left + 9 * s);
        let f0 = pixel(plane, row + s, left);
        let f1 = pixel(plane, row + s, left + s);
        let f2 = pixel(plane, row + s, left + 2 * s);
        let f3 = pixel(plane, row + s, left + 3 * s);
        let f4 = pixel(plane, row + s, left + 4 * s);
        let f5 = pixel(plane, row + s, left + 5 * s);
        let f6 = pixel(plane, row + s, left + 6 * s);
        let f7 = pixel(plane, row + s, left + 7 * s);
        let f8 = pixel(plane, row + s, left + 8 * s);
        let f9 = pixel(plane, row + s, left + 9 * s);
        if (TAPS == 2) {
          a0 += e0 * m0 + e1 * m1; a1 += e1 * m0 + e2 * m1; a2 += e2 * m0 + e3 * m1;
          a3 += e3 * m0 + e4 * m1; a4 += e4 * m0 + e5 * m1; a5 += e5 * m0 + e6 * m1;
          a6 += e6 * m0 + e7 * m1; a7 += e7 * m0 + e8 * m1;
          b0 += e0 * k0 + e1 * k1; b1 += e1 * k0 + e2 * k1; b2 += e2 * k0 + e3 * k1;
          b3 += e3 * k0 + e4 * k1; b4 += e4 * k0 + e5 * k1; b5 += e5 * k0 + e6 * k1;
          b6 += e6 * k0 + e7 * k1; b7 += e7 * k0 + e8 * k1;
          c0 += f0 * m0 + f1 * m1; c1 += f1 * m0 + f2 * m1; c2 += f2 * m0 + f3 * m1;
          c3 += f3 * m0 + f4 * m1; c4 += f4 * m0 + f5 * m1; c5 += f5 * m0 + f6 * m1;
          c6 += f6 * m0 + f7 * m1; c7 += f7 * m0 + f8 * m1;
          d0 += f0 * k0 + f1 * k1; d1 += f1 * k0 + f2 * k1; d2 += f2 * k0 + f3 * k1;
          d3 += f3 * k0 + f4 * k1; d4 += f4 * k0 + f5 * k1; d5 += f5 * k0 + f6 * k1;
          d6 += f6 * k0 + f7 * k1; d7 += f7 * k0 + f8 * k1;
        } else {
          a0 += e0 * m0 + e1 * m1 + e2 * m2; a1 += e1 * m0 + e2 * m1 + e3 * m2;
          a2 += e2 * m0 + e3 * m1 + e4 * m2; a3 += e3 * m0 + e4 * m1 + e5 * m2;
          a4 += e4 * m0 + e5 * m1 + e6 * m2; a5 += e5 * m0 + e6 * m1 + e7 * m2;
          a6 += e6 * m0 + e7 * m1 + e8 * m2; a7 += e7 * m0 + e8 * m1 + e9 * m2;
          b0 += e0 * k0 + e1 * k1 + e2 * k2; b1 += e1 * k0 + e2 * k1 + e3 * k2;
          b2 += e2 * k0 + e3 * k1 + e4 * k2; b3 += e3 * k0 + e4 * k1 + e5 * k2;
          b4 += e4 * k0 + e5 * k1 + e6 * k2; b5 += e5 * k0 + e6 * k1 + e7 * k2;
          b6 += e6 * k0 + e7 * k1 + e8 * k2; b7 += e7 * k0 + e8 * k1 + e9 * k2;
          c0 += f0 * m0 + f1 * m1 + f2 * m2; c1 += f1 * m0 + f2 * m1 + f3 * m2;
          c2 += f2 * m0 + f3 * m1 + f4 * m2; c3 += f3 * m0 + f4 * m1 + f5 * m2;
          c4 += f4 * m0 + f5 * m1 + f6 * m2; c5 += f5 * m0 + f6 * m1 + f7 * m2;
          c6 += f6 * m0 + f7 * m1 + f8 * m2; c7 += f7 * m0 + f8 * m1 + f9 * m2;
          d0 += f0 * k0 + f1 * k1 + f2 * k2; d1 += f1 * k0 + f2 * k1 + f3 * k2;
          d2 += f2 * k0 + f3 * k1 + f4 * k2; d3 += f3 * k0 + f4 * k1 + f5 * k2;
          d4 += f4 * k0 + f5 * k1 + f6 * k2; d5 += f5 * k0 + f6 * k1 + f7 * k2;
          d6 += f6 * k0 + f7 * k1 + f8 * k2; d7 += f7 * k0 + f8 * k1 + f9 * k2;
        }
      }
    }
  }

  var first = vec4f();
  var second = vec4f();
  if (BIAS) {
    first = bias[block];
    second = bias[block + next / 4u];
  }
  store(n, block, q_y, q_x, a0 + first); store(n, block, q_y, q_x + 1u, a1 + first);
  store(n, block, q_y, q_x + 2u, a2 + first); store(n, block, q_y, q_x + 3u, a3 + first);
  store(n, block, q_y, q_x + 4u, a4 + first); store(n, block, q_y, q_x + 5u, a5 + first);
  store(n, block, q_y, q_x + 6u, a6 + first); store(n, block, q_y, q_x + 7u, a7 + first);
  store(n, block + 1u, q_y, q_x, b0 + second); store(n, block + 1u, q_y, q_x + 1u, b1 + second);
  store(n, block + 1u, q_y, q_x + 2u, b2 + second); store(n, block + 1u, q_y, q_x + 3u, b3 + second);
  store(n, block + 1u, q_y, q_x + 4u, b4 + second); store(n, block + 1u, q_y, q_x + 5u, b5 + second);
  store(n, block + 1u, q_y, q_x + 6u, b6 + second); store(n, block + 1u, q_y, q_x + 7u, b7 + second);
  store(n, block, q_y + 1u, q_x, c0 + first); store(n, block, q_y + 1u, q_x + 1u, c1 + first);
  store(n, block, q_y + 1u, q_x + 2u, c2 + first); store(n, block, q_y + 1u, q_x + 3u, c3 + first);
  store(n, block, q_y + 1u, q_x + 4u, c4 + first); store(n, block, q_y + 1u, q_x + 5u, c5 + first);
  store(n, block, q_y + 1u, q_x + 6u, c6 + first); store(n, block, q_y + 1u, q_x + 7u, c7 + first);
  store(n, block + 1u, q_y + 1u, q_x, d0 + second); store(n, block + 1u, q_y + 1u, q_x + 1u, d1 + second);
  store(n, block + 1u, q_y + 1u, q_x + 2u, d2 + second); store(n, block + 1u, q_y + 1u, q_x + 3u, d3 + second);
  store(n, block + 1u, q_y + 1u, q_x + 4u, d4 + second); store(n, block + 1u, q_y + 1u, q_x + 5u, d5 + second);
  store(n, block + 1u, q_y + 1u, q_x + 6u, d6 + second); store(n, block + 1u, q_y + 1u, q_x + 7u, d7 + second);
}
