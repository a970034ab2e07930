// Weight gradient on dense sub-lattices of 2x2 or 3x3 taps; one subgroup of 8 lanes makes TAPS x TAPS kernel
// positions x 4 input channels x 8 output channels: partial sums over a range of output rows.
//
//   partials[split, i, k, o] = sum_{rows of the split, q_x} x[n, i, g - padding + (q + t) * stride] * dy[n, o, q]
//   with k = g + t * stride, for every group g in stride x stride and t in TAPS x TAPS
//
// Idea     as in conv2d_subgroup.wgsl: lanes hold pixels while loading x, output channels while multiplying
// Layouts  x: [N][I/4][H][W] vec4 over channels; dy: the same, seen as f32;
//          partials: [split][I/4][KH][KW][O4] vec4 over input channels
// Dispatch [I/4, ceil(O4 / 8), splits * stride * stride], the group running fastest in z
// Rows     numbered n * H + q_y over the batch; split s has rows [s * rows_per_split, (s + 1) * rows_per_split)
// Requires subgroups of exactly 8 lanes; kernel size = TAPS * stride (kernels/choice.ts)
// Second pass: sum_partials.wgsl

enable subgroups;

// constants
const TAPS: i32 = 3;
// end constants

const HALO: i32 = TAPS - 1;

struct Params {
  x_blocks: u32, x_h: i32, x_w: i32,
  o4: u32, dy_h: u32, dy_w: u32,
  rows: u32, rows_per_split: u32,
  stride: i32, padding: i32,
  kernel_h: i32, kernel_w: i32,
}

@group(0) @binding(0) var<uniform> p: Params;
@group(0) @binding(1) var<storage, read> x: array<vec4f>;
@group(0) @binding(2) var<storage, read> dy: array<f32>;
@group(0) @binding(3) var<storage, read_write> partials: array<vec4f>;

struct Row { p0: vec4f, p1: vec4f, p2: vec4f, p3: vec4f, p4: vec4f, p5: vec4f, p6: vec4f, p7: vec4f, p8: vec4f, p9: vec4f }

fn pixel(plane: i32, row: i32, column: i32) -> vec4f {
  let inside = row >= 0 && row < p.x_h && column >= 0 && column < p.x_w;
  return select(vec4f(), x[u32(select(0, plane + row * p.x_w + column, inside))], inside);
}

fn spread(own: vec4f, halo: vec4f, lane: u32) -> Row {
  return Row(
    subgroupBroadcast(own, 0u), subgroupBroadcast(own, 1u), subgroupBroadcast(own, 2u), subgroupBroadcast(own, 3u),
    subgroupBroadcast(own, 4u), subgroupBroadcast(own, 5u), subgroupBroadcast(own, 6u), subgroupBroadcast(own, 7u),
    subgroupShuffle(halo, lane), subgroupShuffle(halo, lane + u32(HALO) - 1u));
}

// dy of this lane's output channel at 8 columns, in two halves.
struct Gradient { a: vec4f, b: vec4f }

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

// dy at column q_x of the row that starts at f32 `row`; zero beyond its end.
fn value(row: u32, q_x: u32) -> f32 {
  return select(0.0, dy[row + min(q_x, p.dy_w - 1u) * 4u], q_x < p.dy_w);
}

@compute @workgroup_size(8)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(subgroup_invocation_id) lane: u32) {
  let groups = u32(p.stride * p.stride);
  let split = group.z / groups;
  let g_y = i32(group.z % groups) / p.stride;
  let g_x = i32(group.z % groups) % p.stride;
  let i = group.x;
  let o = group.y * 8u + lane;
  let dy_o = min(o, p.o4 - 1u);
  let s = p.stride;

  // In the halo load, lane k holds column 8 + k % HALO of row k / HALO.
  let halo_y = i32(lane) / HALO;
  let halo_x = 8 + i32(lane) % HALO;

  var w00 = vec4f(); var w01 = vec4f(); var w02 = vec4f();
  var w10 = vec4f(); var w11 = vec4f(); var w12 = vec4f();
  var w20 = vec4f(); var w21 = vec4f(); var w22 = vec4f();

  let row_end = min((split + 1u) * p.rows_per_split, p.rows);
  for (var row = split * p.rows_per_split; row < row_end; row++) {
    let n = row / p.dy_h;
    let q_y = row % p.dy_h;
    let plane = i32(n * p.x_blocks + i) * p.x_h * p.x_w;
    let top = i32(q_y) * s + g_y - p.padding;
    // dy is f32 here: element o % 4 of the vec4 at this lane's block.
    let dy_row = (((n * (p.o4 / 4u) + dy_o / 4u) * p.dy_h + q_y) * p.dy_w) * 4u + dy_o % 4u;
    for (var q_x = 0u; q_x < p.dy_w; q_x += 8u) {
      let start = i32(q_x) * s + g_x - p.padding;
      let own = start + i32(lane) * s;
      let halo = pixel(plane, top + halo_y * s, start + halo_x * s);
      let x0 = spread(pixel(plane, top, own), halo, 0u);
      let x1 = spread(pixel(plane, top + s, own), halo, u32(HALO));
      let g = Gradient(
        vec4f(value(dy_row, q_x), value(dy_row, q_x + 1u), value(dy_row, q_x + 2u), value(dy_row, q_x + 3u)),
        vec4f(value(dy_row, q_x + 4u), value(dy_row, q_x + 5u), value(dy_row, q_x + 6u), value(dy_row, q_x + 7u)));
      w00 += sum0(x0, g);
      w01 += sum1(x0, g);
      w10 += sum0(x1, g);
      w11 += sum1(x1, g);
      if (TAPS == 3) {
        let x2 = spread(pixel(plane, top + 2 * s, own), halo, u32(2 * HALO));
        w02 += sum2(x0, g);
        w12 += sum2(x1, g);
        w20 += sum0(x2, g);
        w21 += sum1(x2, g);
        w22 += sum2(x2, g);
      }
    }
  }

  if (o >= p.o4) { return; }
  let plane_size = p.kernel_h * p.kernel_w;
  let first = (i32(split * p.x_blocks + i) * plane_size + g_y * p.kernel_w + g_x) * i32(p.o4) + i32(o);
  let step = s * i32(p.o4);
  let row_step = step * p.kernel_w;
  partials[u32(first)] = w00;
  partials[u32(first + step)] = w01;
  partials[u32(first + row_step)] = w10;
  partials[u32(first + row_step + step)] = w11;
  if (TAPS == 3) {
    partials[u32(first + 2 * step)] = w02;
    partials[u32(first + row_step + 2 * step)] = w12;
    partials[u32(first + 2 * row_step)] = w20;
    partials[u32(first + 2 * row_step + step)] = w21;
    partials[u32(first + 2 * row_step + 2 * step)] = w22;
  }
}
