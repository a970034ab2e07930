// Applies to each pixel its affine colour map from a bilateral grid (Gharbi et al. 2017, eq. 3 and 6), and the gradients
// of grid, guide and colours.
//
//   forward          y[n, r, h, w] = A_r . (x[n, 0..2, h, w], 1)
//                    with A the grid at (w, h, depth of guide[n, 0, h, w]), trilinear
//   gradient_grid    dgrid[n, 3 l + r, i, j] = sum over h, w of weight(h, i) weight(w, j) weight(depth, l) dy_r (x, 1),
//                    as a gather: each cell adds the pixels that read it, in a fixed order
//   gradient_pixels  dguide = sum over r of dy_r (dA_r / dguide) . (x, 1), zero where the depth is clamped;
//                    dx_c = sum over r of dy_r A_rc
//
// Half-pixel centres, edges clamped. The depth of a guide g is (s + 1) / 2 levels - 1/2, where s = g / (1 + |g|) lies
// between -1 and 1.
//
// Layouts  grid, dgrid: [N][levels * 3][GH][GW] vec4, block 3 l + r: row r of the 3x4 map at level l
//          guide, x, y and their gradients: [N][1][H][W] vec4 over channels: one for the guide, three for x and y
// Tile     LANES_Y rows side by side, rows_each times in sequence; LANES_X lanes along a row. gradient_grid has
//          [N][levels / 4][3][GH] rows, in which an invocation computes 4 levels of one row of the map
// Dispatch [ceil(rows / (LANES_Y * rows_each)), 1, 1], folded over y beyond 65535
// Requires equal N, H and W; levels a multiple of 4; twice the product of both sizes below 2^31
//          (kernels/bilateral-slice.ts)

// constants
const LANES_X: u32 = 8u;
const LANES_Y: u32 = 8u;
// end constants

struct Params { rows: u32, rows_each: u32, grid_h: u32, grid_w: u32, x_h: u32, x_w: u32, levels: u32 }

// How activations are stored; arithmetic is f32.
alias Stored = vec4<f32>;

@group(0) @binding(0) var<uniform> p: Params;
@group(0) @binding(1) var<storage, read> grid: array<Stored>;
@group(0) @binding(1) var<storage, read_write> dgrid: array<Stored>;
@group(0) @binding(2) var<storage, read> guide: array<Stored>;
@group(0) @binding(3) var<storage, read> x: array<Stored>;
@group(0) @binding(4) var<storage, read_write> y: array<Stored>;
@group(0) @binding(4) var<storage, read> dy: array<Stored>;
@group(0) @binding(5) var<storage, read_write> dguide: array<Stored>;
@group(0) @binding(6) var<storage, read_write> dx: array<Stored>;

// shared: neighbours
struct Neighbours { low: u32, high: u32, fraction: f32 }

// Position (i + 1/2) source / result - 1/2, clamped to the image, in whole numbers: exact, so that a gradient meets the
// same neighbours with the same weights.
fn neighbours(i: u32, source: u32, result: u32) -> Neighbours {
  let position = max((2u * i + 1u) * source, result) - result;
  let low = min(position / (2u * result), source - 1u);
  let rest = position - low * 2u * result;
  let inside = low + 1u < source;
  return Neighbours(low, select(low, low + 1u, inside), select(0.0, f32(rest) / f32(2u * result), inside));
}
// end shared

fn depth(g: f32) -> f32 {
  return clamp((g / (1.0 + abs(g)) + 1.0) * (0.5 * f32(p.levels)) - 0.5, 0.0, f32(p.levels - 1u));
}

fn levels(g: f32) -> Neighbours {
  let depth_of_g = depth(g);
  let low = u32(depth_of_g);
  return Neighbours(low, min(low + 1u, p.levels - 1u), depth_of_g - f32(low));
}

// One row of the map at one level, interpolated bilinearly.
fn bilinear(block: u32, v: Neighbours, u: Neighbours) -> vec4f {
  let top = (block * p.grid_h + v.low) * p.grid_w;
  let bottom = (block * p.grid_h + v.high) * p.grid_w;
  let upper = mix(vec4f(grid[top + u.low]), vec4f(grid[top + u.high]), u.fraction);
  let lower = mix(vec4f(grid[bottom + u.low]), vec4f(grid[bottom + u.high]), u.fraction);
  return mix(upper, lower, v.fraction);
}

@compute @workgroup_size(LANES_X, LANES_Y)
fn forward(
  @builtin(workgroup_id) group: vec3u,
  @builtin(num_workgroups) groups: vec3u,
  @builtin(local_invocation_id) lane: vec3u,
) {
  let first_row = (group.y * groups.x + group.x) * LANES_Y * p.rows_each + lane.y;
  for (var r = 0u; r < p.rows_each; r++) {
    let row = first_row + r * LANES_Y;
    if (row >= p.rows) { return; }
    let image = row / p.x_h * (3u * p.levels);
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

// shared: weight of a neighbour
// Weight of source j in result i.
fn weight(i: u32, j: u32, source: u32, result: u32) -> f32 {
  let pair = neighbours(i, source, result);
  return select(0.0, 1.0 - pair.fraction, pair.low == j) + select(0.0, pair.fraction, pair.high == j);
}
// end shared

// The range of pixels less than one cell from cell j; those past the outermost centres belong to the outermost cells.
fn readers(j: u32, source: u32, result: u32) -> vec2u {
  let before = (2u * max(j, 1u) - 1u) * result;
  let first = select((max(before, source) - source) / (2u * source) + 1u, 0u, j == 0u || before < source);
  let behind = (2u * j + 3u) * result;
  let last = (max(behind, source) - source + 2u * source - 1u) / (2u * source);
  return vec2u(first, select(min(last, result), result, j + 1u == source));
}

@compute @workgroup_size(LANES_X, LANES_Y)
fn gradient_grid(
  @builtin(workgroup_id) group: vec3u,
  @builtin(num_workgroups) groups: vec3u,
  @builtin(local_invocation_id) lane: vec3u,
) {
  let first_row = (group.y * groups.x + group.x) * LANES_Y * p.rows_each + lane.y;
  for (var r = 0u; r < p.rows_each; r++) {
    let row = first_row + r * LANES_Y;
    if (row >= p.rows) { return; }
    let i = row % p.grid_h;
    let component = row / p.grid_h % 3u;
    let first_level = row / (3u * p.grid_h) % (p.levels / 4u) * 4u;
    let n = row / (3u * p.grid_h * (p.levels / 4u));
    let rows = readers(i, p.grid_h, p.x_h);
    let chosen = select(vec3f(), vec3f(1.0), vec3u(0u, 1u, 2u) == vec3u(component));
    let levels = vec4f(0.0, 1.0, 2.0, 3.0) + f32(first_level);
    for (var j = lane.x; j < p.grid_w; j += LANES_X) {
      let columns = readers(j, p.grid_w, p.x_w);
      var sum0 = vec4f();
      var sum1 = vec4f();
      var sum2 = vec4f();
      var sum3 = vec4f();
      for (var h = rows.x; h < rows.y; h++) {
        let along = weight(h, i, p.grid_h, p.x_h);
        let line = (n * p.x_h + h) * p.x_w;
        for (var w = columns.x; w < columns.y; w++) {
          let at = line + w;
          let share = max(vec4f(1.0) - abs(vec4f(depth(vec4f(guide[at]).x)) - levels), vec4f());
          let change = along * weight(w, j, p.grid_w, p.x_w) * dot(vec4f(dy[at]).xyz, chosen) * vec4f(vec4f(x[at]).xyz, 1.0);
          sum0 += share.x * change;
          sum1 += share.y * change;
          sum2 += share.z * change;
          sum3 += share.w * change;
        }
      }
      let plane = p.grid_h * p.grid_w;
      let first = ((n * p.levels + first_level) * 3u + component) * plane + i * p.grid_w + j;
      dgrid[first] = Stored(sum0);
      dgrid[first + 3u * plane] = Stored(sum1);
      dgrid[first + 6u * plane] = Stored(sum2);
      dgrid[first + 9u * plane] = Stored(sum3);
    }
  }
}

// d depth / d guide, zero where the depth is clamped.
fn depth_slope(g: f32) -> f32 {
  let s = 1.0 + abs(g);
  let depth = (g / s + 1.0) * (0.5 * f32(p.levels)) - 0.5;
  return select(0.0, 0.5 * f32(p.levels) / (s * s), depth > 0.0 && depth < f32(p.levels - 1u));
}

@compute @workgroup_size(LANES_X, LANES_Y)
fn gradient_pixels(
  @builtin(workgroup_id) group: vec3u,
  @builtin(num_workgroups) groups: vec3u,
  @builtin(local_invocation_id) lane: vec3u,
) {
  let first_row = (group.y * groups.x + group.x) * LANES_Y * p.rows_each + lane.y;
  for (var r = 0u; r < p.rows_each; r++) {
    let row = first_row + r * LANES_Y;
    if (row >= p.rows) { return; }
    let image = row / p.x_h * (3u * p.levels);
    let v = neighbours(row % p.x_h, p.grid_h, p.x_h);
    for (var w = lane.x; w < p.x_w; w += LANES_X) {
      let u = neighbours(w, p.grid_w, p.x_w);
      let at = row * p.x_w + w;
      let g = vec4f(guide[at]).x;
      let d = levels(g);
      let colour = vec4f(vec4f(x[at]).xyz, 1.0);
      let g_y = vec4f(dy[at]);
      let low0 = bilinear(image + 3u * d.low, v, u);
      let low1 = bilinear(image + 3u * d.low + 1u, v, u);
      let low2 = bilinear(image + 3u * d.low + 2u, v, u);
      let step0 = bilinear(image + 3u * d.high, v, u) - low0;
      let step1 = bilinear(image + 3u * d.high + 1u, v, u) - low1;
      let step2 = bilinear(image + 3u * d.high + 2u, v, u) - low2;
      let along = g_y.x * dot(step0, colour) + g_y.y * dot(step1, colour) + g_y.z * dot(step2, colour);
      dguide[at] = Stored(vec4f(depth_slope(g) * along, 0.0, 0.0, 0.0));
      let map = g_y.x * (low0 + d.fraction * step0) + g_y.y * (low1 + d.fraction * step1)
        + g_y.z * (low2 + d.fraction * step2);
      dx[at] = Stored(vec4f(map.xyz, 0.0));
    }
  }
}
