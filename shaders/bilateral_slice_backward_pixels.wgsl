// Gradients of the bilateral slice with respect to the guide and the colours, pixel by pixel.
//
//   dguide = sum over r of dy_r (dA_r / dguide) . (x, 1);  dx_c = sum over r of dy_r A_rc
//
// A, its look-up and the depth of the guide as in bilateral_slice_forward.wgsl. Where the depth is clamped, the
// gradient of the guide is zero.
//
// Layouts  as there; dy as y, dguide as guide, dx as x
// Tile     LANES_Y rows side by side, rows_each such sets one after the other; LANES_X lanes along a row
// Dispatch [ceil(N H / (LANES_Y * rows_each)), 1, 1], folded over y beyond 65535
// Requires one N, one H x W; twice the product of both sizes below 2^32 (kernels/bilateral-slice.ts)

// constants
const LANES_X: u32 = 8u;
const LANES_Y: u32 = 8u;
const LEVELS: u32 = 8u;
// end constants

struct Params { rows: u32, rows_each: u32, grid_h: u32, grid_w: u32, x_h: u32, x_w: u32 }

@group(0) @binding(0) var<uniform> p: Params;
@group(0) @binding(1) var<storage, read> grid: array<vec4f>;
@group(0) @binding(2) var<storage, read> guide: array<vec4f>;
@group(0) @binding(3) var<storage, read> x: array<vec4f>;
@group(0) @binding(4) var<storage, read> dy: array<vec4f>;
@group(0) @binding(5) var<storage, read_write> dguide: array<vec4f>;
@group(0) @binding(6) var<storage, read_write> dx: array<vec4f>;

struct Neighbours { low: u32, high: u32, fraction: f32 }

// Position (i + 1/2) source / result - 1/2, clamped, in whole numbers: the gradient meets the same neighbours.
fn neighbours(i: u32, source: u32, result: u32) -> Neighbours {
  let position = max((2u * i + 1u) * source, result) - result;
  let low = min(position / (2u * result), source - 1u);
  let rest = position - low * 2u * result;
  let inside = low + 1u < source;
  return Neighbours(low, select(low, low + 1u, inside), select(0.0, f32(rest) / f32(2u * result), inside));
}

fn levels(g: f32) -> Neighbours {
  let depth = clamp((g / (1.0 + abs(g)) + 1.0) * (0.5 * f32(LEVELS)) - 0.5, 0.0, f32(LEVELS - 1u));
  let low = u32(depth);
  return Neighbours(low, min(low + 1u, LEVELS - 1u), depth - f32(low));
}

// One row of the map at one level, bilinear.
fn bilinear(block: u32, v: Neighbours, u: Neighbours) -> vec4f {
  let top = (block * p.grid_h + v.low) * p.grid_w;
  let bottom = (block * p.grid_h + v.high) * p.grid_w;
  let upper = mix(grid[top + u.low], grid[top + u.high], u.fraction);
  let lower = mix(grid[bottom + u.low], grid[bottom + u.high], u.fraction);
  return mix(upper, lower, v.fraction);
}

// d depth / d guide, zero where the depth is clamped.
fn depth_slope(g: f32) -> f32 {
  let s = 1.0 + abs(g);
  let depth = (g / s + 1.0) * (0.5 * f32(LEVELS)) - 0.5;
  return select(0.0, 0.5 * f32(LEVELS) / (s * s), depth > 0.0 && depth < f32(LEVELS - 1u));
}

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
    let image = row / p.x_h * (3u * LEVELS);
    let v = neighbours(row % p.x_h, p.grid_h, p.x_h);
    for (var w = lane.x; w < p.x_w; w += LANES_X) {
      let u = neighbours(w, p.grid_w, p.x_w);
      let at = row * p.x_w + w;
      let g = guide[at].x;
      let d = levels(g);
      let colour = vec4f(x[at].xyz, 1.0);
      let slope = dy[at];
      let low0 = bilinear(image + 3u * d.low, v, u);
      let low1 = bilinear(image + 3u * d.low + 1u, v, u);
      let low2 = bilinear(image + 3u * d.low + 2u, v, u);
      let step0 = bilinear(image + 3u * d.high, v, u) - low0;
      let step1 = bilinear(image + 3u * d.high + 1u, v, u) - low1;
      let step2 = bilinear(image + 3u * d.high + 2u, v, u) - low2;
      let along = slope.x * dot(step0, colour) + slope.y * dot(step1, colour) + slope.z * dot(step2, colour);
      dguide[at] = vec4f(depth_slope(g) * along, 0.0, 0.0, 0.0);
      let map = slope.x * (low0 + d.fraction * step0) + slope.y * (low1 + d.fraction * step1)
        + slope.z * (low2 + d.fraction * step2);
      dx[at] = vec4f(map.xyz, 0.0);
    }
  }
}
