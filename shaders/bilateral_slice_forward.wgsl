// Applies the affine colour map that a bilateral grid holds for each pixel (Gharbi et al. 2017, eq. 3 and 6).
//
//   y[n, r, h, w] = A_r . (x[n, 0..2, h, w], 1),  A = the grid at (w, h, depth of guide[n, 0, h, w]), trilinear
//
// Positions by half-pixel centres, edges clamped. The guide g has the depth (s + 1) / 2 LEVELS - 1/2, where
// s = g / (1 + |g|) lies between -1 and 1.
//
// Layouts  grid: [N][LEVELS * 3][GH][GW] vec4, block 3 l + r: row r of the 3x4 map at level l
//          guide, x, y: [N][1][H][W] vec4 over channels; guide in the first, the fourth of x and y is padding
// Tile     LANES_Y rows side by side, rows_each such sets one after the other; LANES_X lanes along a row
// Dispatch [ceil(N H / (LANES_Y * rows_each)), 1, 1], folded over y beyond 65535
// Requires one N, one H x W; twice the product of both sizes below 2^32 (kernels/bilateral-slice.ts)

// constants
const LANES_X: u32 = 8u;
const LANES_Y: u32 = 8u;
const LEVELS: u32 = 8u;
// end constants

struct Params { rows: u32, rows_each: u32, grid_h: u32, grid_w: u32, x_h: u32, x_w: u32 }

// How activations are stored; sums and products are f32.
alias Stored = vec4<f32>;

@group(0) @binding(0) var<uniform> p: Params;
@group(0) @binding(1) var<storage, read> grid: array<Stored>;
@group(0) @binding(2) var<storage, read> guide: array<Stored>;
@group(0) @binding(3) var<storage, read> x: array<Stored>;
@group(0) @binding(4) var<storage, read_write> y: array<Stored>;

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
  let upper = mix(vec4f(grid[top + u.low]), vec4f(grid[top + u.high]), u.fraction);
  let lower = mix(vec4f(grid[bottom + u.low]), vec4f(grid[bottom + u.high]), u.fraction);
  return mix(upper, lower, v.fraction);
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
      let d = levels(vec4f(guide[at]).x);
      let low = image + 3u * d.low;
      let high = image + 3u * d.high;
      let colour = vec4f(vec4f(x[at]).xyz, 1.0);
      let red = mix(bilinear(low, v, u), bilinear(high, v, u), d.fraction);
      let green = mix(bilinear(low + 1u, v, u), bilinear(high + 1u, v, u), d.fraction);
      let blue = mix(bilinear(low + 2u, v, u), bilinear(high + 2u, v, u), d.fraction);
      y[at] = Stored(vec4f(dot(red, colour), dot(green, colour), dot(blue, colour), 0.0));
    }
  }
}
