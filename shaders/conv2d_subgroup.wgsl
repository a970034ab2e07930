// Convolution as dense sub-lattices of 2x2 or 3x3 taps; one subgroup of 8 lanes makes 8x4 outputs in 8 channels.
//
//   y[n, o, phase + q * out_stride] = act(bias[o]
//     + sum_{g, i, t} w[i, tap0 + g + t * tap_step, o] * x[n, i, origin + g + (q + t) * in_stride])
//   for g in groups x groups, t in TAPS x TAPS. A 3x3 convolution is one group; the input gradient of a 4x4
//   kernel with stride 2 is four phases of one group; its forward is one phase of four groups.
//
// Idea     lanes hold different pixels while loading and different output channels while multiplying: loads are
//          what costs here, so each value is loaded by one lane and broadcast to the eight
// Layouts  x, y: [N][C/4][H][W] vec4 over channels, y seen as f32; w: [I/4][KH][KW][O4] vec4 over input
//          channels; bias: [O4] f32
// Dispatch [ceil(q_w / 8), ceil(q_h / 4), N * ceil(O4 / 8)]
// Requires subgroups of exactly 8 lanes; every tap inside the kernel (kernels/choice.ts)

enable subgroups;

// constants
const TAPS: i32 = 3;
const RELU: bool = false;
const BIAS: bool = false;
// end constants

const HALO: i32 = TAPS - 1;

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
@group(0) @binding(3) var<storage, read> bias: array<f32>;
@group(0) @binding(4) var<storage, read_write> y: array<f32>;

// One row of the input tile, known to every lane: 8 columns and the halo to their right.
struct Row { p0: vec4f, p1: vec4f, p2: vec4f, p3: vec4f, p4: vec4f, p5: vec4f, p6: vec4f, p7: vec4f, p8: vec4f, p9: vec4f }

fn pixel(plane: i32, row: i32, column: i32) -> vec4f {
  let inside = row >= 0 && row < p.x_h && column >= 0 && column < p.x_w;
  return select(vec4f(), x[u32(select(0, plane + row * p.x_w + column, inside))], inside);
}

// Every lane's own column of the row, then everybody's.
fn spread(own: vec4f, halo: vec4f, lane: u32) -> Row {
  return Row(
    subgroupBroadcast(own, 0u), subgroupBroadcast(own, 1u), subgroupBroadcast(own, 2u), subgroupBroadcast(own, 3u),
    subgroupBroadcast(own, 4u), subgroupBroadcast(own, 5u), subgroupBroadcast(own, 6u), subgroupBroadcast(own, 7u),
    subgroupShuffle(halo, lane), subgroupShuffle(halo, lane + u32(HALO) - 1u));
}

// Columns 0 to 3 and 4 to 7 of one row of taps.
fn left(r: Row, w0: vec4f, w1: vec4f, w2: vec4f) -> vec4f {
  let two = vec4f(
    dot(r.p0, w0) + dot(r.p1, w1), dot(r.p1, w0) + dot(r.p2, w1),
    dot(r.p2, w0) + dot(r.p3, w1), dot(r.p3, w0) + dot(r.p4, w1));
  if (TAPS == 2) { return two; }
  return two + vec4f(dot(r.p2, w2), dot(r.p3, w2), dot(r.p4, w2), dot(r.p5, w2));
}
fn right(r: Row, w0: vec4f, w1: vec4f, w2: vec4f) -> vec4f {
  let two = vec4f(
    dot(r.p4, w0) + dot(r.p5, w1), dot(r.p5, w0) + dot(r.p6, w1),
    dot(r.p6, w0) + dot(r.p7, w1), dot(r.p7, w0) + dot(r.p8, w1));
  if (TAPS == 2) { return two; }
  return two + vec4f(dot(r.p6, w2), dot(r.p7, w2), dot(r.p8, w2), dot(r.p9, w2));
}

fn store_row(n: u32, o: u32, q_y: u32, q_x: u32, l: vec4f, r: vec4f, offset: f32) {
  if (q_y >= p.q_h || o >= p.o4) { return; }
  var values = array<f32, 8>(l.x, l.y, l.z, l.w, r.x, r.y, r.z, r.w);
  let row = ((n * (p.o4 / 4u) + o / 4u) * p.y_h + p.phase_y + q_y * p.out_stride) * p.y_w;
  // A bound that the compiler cannot see keeps the loop rolled, which halves the time to compile.
  let count = min(8u, p.q_w - q_x);
  for (var c = 0u; c < count; c++) {
    let value = values[c] + offset;
    y[(row + p.phase_x + (q_x + c) * p.out_stride) * 4u + o % 4u] = select(value, max(value, 0.0), RELU);
  }
}

@compute @workgroup_size(8)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(subgroup_invocation_id) lane: u32) {
  let q_x = group.x * 8u;
  let q_y = group.y * 4u;
  let strips = (p.o4 + 7u) / 8u;
  let n = group.z / strips;
  let o = group.z % strips * 8u + lane;
  let w_o = min(o, p.o4 - 1u);

  // In the halo load, lane k holds column 8 + k % HALO of row k / HALO.
  let halo_y = i32(lane) / HALO;
  let halo_x = 8 + i32(lane) % HALO;

  var l0 = vec4f(); var l1 = vec4f(); var l2 = vec4f(); var l3 = vec4f();
  var r0 = vec4f(); var r1 = vec4f(); var r2 = vec4f(); var r3 = vec4f();

  let s = p.in_stride;
  for (var g = 0; g < p.groups * p.groups; g++) {
    let g_y = g / p.groups;
    let g_x = g % p.groups;
    let top = i32(q_y) * s + p.origin_y + g_y;
    let start = i32(q_x) * s + p.origin_x + g_x;
    let own = start + i32(lane) * s;
    let halo_column = start + halo_x * s;
    let w_step = p.tap_step * i32(p.o4);
    let w_row_step = w_step * p.kernel_w;
    let w_first = ((p.tap0_y + g_y) * p.kernel_w + p.tap0_x + g_x) * i32(p.o4) + i32(w_o);
    for (var i = 0u; i < p.x_blocks; i++) {
      let plane = i32(n * p.x_blocks + i) * p.x_h * p.x_w;
      let w_at = w_first + i32(i) * p.kernel_h * p.kernel_w * i32(p.o4);
      if (TAPS == 2) {
        let halo = pixel(plane, top + halo_y * s, halo_column);
        let x0 = spread(pixel(plane, top, own), halo, 0u);
        let x1 = spread(pixel(plane, top + s, own), halo, 1u);
        let x2 = spread(pixel(plane, top + 2 * s, own), halo, 2u);
        let x3 = spread(pixel(plane, top + 3 * s, own), halo, 3u);
        let x4 = spread(pixel(plane, top + 4 * s, own), halo, 4u);
        let w00 = w[u32(w_at)];
        let w01 = w[u32(w_at + w_step)];
        let w10 = w[u32(w_at + w_row_step)];
        let w11 = w[u32(w_at + w_row_step + w_step)];
        let w2 = vec4f();
        l0 += left(x0, w00, w01, w2) + left(x1, w10, w11, w2);
        r0 += right(x0, w00, w01, w2) + right(x1, w10, w11, w2);
        l1 += left(x1, w00, w01, w2) + left(x2, w10, w11, w2);
        r1 += right(x1, w00, w01, w2) + right(x2, w10, w11, w2);
        l2 += left(x2, w00, w01, w2) + left(x3, w10, w11, w2);
        r2 += right(x2, w00, w01, w2) + right(x3, w10, w11, w2);
        l3 += left(x3, w00, w01, w2) + left(x4, w10, w11, w2);
        r3 += right(x3, w00, w01, w2) + right(x4, w10, w11, w2);
      } else {
        // A bound that the compiler cannot see: unrolled, the loop would not fit the instruction cache.
        for (var t = 0; t < p.taps_y; t++) {
          let row = top + t * s;
          let halo = pixel(plane, row + halo_y * s, halo_column);
          let x0 = spread(pixel(plane, row, own), halo, 0u);
          let x1 = spread(pixel(plane, row + s, own), halo, 2u);
          let x2 = spread(pixel(plane, row + 2 * s, own), halo, 4u);
          let x3 = spread(pixel(plane, row + 3 * s, own), halo, 6u);
          let w_row = w_at + t * w_row_step;
          let w0 = w[u32(w_row)];
          let w1 = w[u32(w_row + w_step)];
          let w2 = w[u32(w_row + 2 * w_step)];
          l0 += left(x0, w0, w1, w2); r0 += right(x0, w0, w1, w2);
          l1 += left(x1, w0, w1, w2); r1 += right(x1, w0, w1, w2);
          l2 += left(x2, w0, w1, w2); r2 += right(x2, w0, w1, w2);
          l3 += left(x3, w0, w1, w2); r3 += right(x3, w0, w1, w2);
        }
      }
    }
  }

  var offset = 0.0;
  if (BIAS) { offset = bias[w_o]; }
  store_row(n, o, q_y, q_x, l0, r0, offset);
  store_row(n, o, q_y + 1u, q_x, l1, r1, offset);
  store_row(n, o, q_y + 2u, q_x, l2, r2, offset);
  store_row(n, o, q_y + 3u, q_x, l3, r3, offset);
}
