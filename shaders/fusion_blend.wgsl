// One level of exposure fusion: the exposures' Laplacian pyramids, blended by the weights' Gaussian pyramids and
// added to what the coarser levels have made.
//
//   y = up(below) + sum over k of level[k].w (level[k].rgb - up(coarse[k].rgb)),   up(...) = 0 at the coarsest level
//
// Up takes (a[i-1] + 6 a[i] + a[i+1])/8 at 2i and (a[i] + a[i+1])/2 at 2i + 1, per axis, and goes on beyond a border
// by its edge. As it is linear, all that is upsampled is summed up first, tap by tap.
//
// Layouts  level: [N][COUNT][H][W], coarse: [N][COUNT][H/2][W/2], vec4 over r, g, b, weight, halves rounded up;
//          below: [N][H/2][W/2], y: [N][H][W], vec4 over r, g, b, 0; rows of y are numbered over all pictures
// Tile     LANES_Y rows side by side, rows_each such sets one after the other; LANES_X lanes along a row
// Dispatch [ceil(rows / (LANES_Y * rows_each)), 1, 1], folded over y beyond 65535
// Requires coarse_h = 0 at the coarsest level, whose coarse and below are not read (kernels/exposure-fusion.ts)

// constants
const LANES_X: u32 = 8u;
const LANES_Y: u32 = 8u;
const COUNT: u32 = 3u;
// end constants

// steps > 0: y is clipped to 0..1 and rounded to multiples of 1/steps, halves upwards.
struct Params { rows: u32, rows_each: u32, h: u32, w: u32, coarse_h: u32, coarse_w: u32, steps: u32 }

@group(0) @binding(0) var<uniform> p: Params;
@group(0) @binding(1) var<storage, read> level: array<vec4f>;
@group(0) @binding(2) var<storage, read> coarse: array<vec4f>;
@group(0) @binding(3) var<storage, read> below: array<vec4f>;
@group(0) @binding(4) var<storage, read_write> y: array<vec4f>;

// What sample i + v/2 - 1 of the coarse line, i = 0, 1, 2, counts for sample v of the fine one; at odd v the first
// counts nothing.
fn tap(v: u32, i: u32) -> f32 {
  return select(select(0.125, 0.75, i == 1u), 0.5, v % 2u == 1u);
}

fn coarse_index(v: u32, i: u32, length: u32) -> u32 { return clamp(v / 2u + i, 1u, length) - 1u; }

@compute @workgroup_size(LANES_X, LANES_Y)
fn main(
  @builtin(workgroup_id) group: vec3u,
  @builtin(num_workgroups) groups: vec3u,
  @builtin(local_invocation_id) lane: vec3u,
) {
  let first_row = (group.y * groups.x + group.x) * LANES_Y * p.rows_each + lane.y;
  for (var r = 0u; r < p.rows_each; r++) {
    let row = first_row + r * LANES_Y;
    if (row >= p.rows) { return; }
    let n = row / p.h;
    let v = row % p.h;
    for (var u = lane.x; u < p.w; u += LANES_X) {
      var weights: array<f32, COUNT>;
      var sum = vec3f();
      for (var k = 0u; k < COUNT; k++) {
        let here = level[((n * COUNT + k) * p.h + v) * p.w + u];
        weights[k] = here.w;
        sum += here.w * here.rgb;
      }
      if (p.coarse_h > 0u) {
        for (var i = v % 2u; i < 3u; i++) {
          let coarse_v = coarse_index(v, i, p.coarse_h);
          for (var j = u % 2u; j < 3u; j++) {
            let coarse_u = coarse_index(u, j, p.coarse_w);
            var rest = below[(n * p.coarse_h + coarse_v) * p.coarse_w + coarse_u].rgb;
            for (var k = 0u; k < COUNT; k++) {
              let at = ((n * COUNT + k) * p.coarse_h + coarse_v) * p.coarse_w + coarse_u;
              rest -= weights[k] * coarse[at].rgb;
            }
            sum += tap(v, i) * tap(u, j) * rest;
          }
        }
      }
      if (p.steps > 0u) {
        let steps = f32(p.steps);
        sum = floor(steps * clamp(sum, vec3f(), vec3f(1.0)) + 0.5) / steps;
      }
      y[row * p.w + u] = vec4f(sum, 0.0);
    }
  }
}
