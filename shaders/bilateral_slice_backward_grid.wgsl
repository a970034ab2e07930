// Gradient of the bilateral slice with respect to the grid, as a gather: each cell adds up the pixels that read it,
// in a fixed order.
//
//   dgrid[n, 3 l + r, i, j] = sum over h, w of weight(h, i) weight(w, j) weight(depth, l) dy_r (x, 1)
//
// The look-up and the depth of the guide as in bilateral_slice_forward.wgsl.
//
// Layouts  dgrid as grid there, dy as y; an invocation makes 4 levels of one row of the map
// Tile     LANES_Y rows side by side, rows_each such sets one after the other; LANES_X lanes along a row
//          of [N][LEVELS / 4][3][GH] rows
// Dispatch [ceil(rows / (LANES_Y * rows_each)), 1, 1], folded over y beyond 65535
// Requires one N, one H x W; LEVELS a multiple of 4; twice the product of both sizes below 2^31
//          (kernels/bilateral-slice.ts)

// constants
const LANES_X: u32 = 8u;
const LANES_Y: u32 = 8u;
const LEVELS: u32 = 8u;
// end constants

struct Params { rows: u32, rows_each: u32, grid_h: u32, grid_w: u32, x_h: u32, x_w: u32 }

@group(0) @binding(0) var<uniform> p: Params;
@group(0) @binding(1) var<storage, read> guide: array<vec4f>;
@group(0) @binding(2) var<storage, read> x: array<vec4f>;
@group(0) @binding(3) var<storage, read> dy: array<vec4f>;
@group(0) @binding(4) var<storage, read_write> dgrid: array<vec4f>;

struct Neighbours { low: u32, high: u32, fraction: f32 }

// Position (i + 1/2) source / result - 1/2, clamped, in whole numbers: the same neighbours as forwards.
fn neighbours(i: u32, source: u32, result: u32) -> Neighbours {
  let position = max((2u * i + 1u) * source, result) - result;
  let low = min(position / (2u * result), source - 1u);
  let rest = position - low * 2u * result;
  let inside = low + 1u < source;
  return Neighbours(low, select(low, low + 1u, inside), select(0.0, f32(rest) / f32(2u * result), inside));
}

// Weight of cell j for pixel i.
fn weight(i: u32, j: u32, source: u32, result: u32) -> f32 {
  let pair = neighbours(i, source, result);
  return select(0.0, 1.0 - pair.fraction, pair.low == j) + select(0.0, pair.fraction, pair.high == j);
}

// The pixels whose position lies less than one cell from cell j; those beyond the outermost centres belong to the
// outermost cells.
fn readers(j: u32, source: u32, result: u32) -> vec2u {
  let before = (2u * max(j, 1u) - 1u) * result;
  let first = select((max(before, source) - source) / (2u * source) + 1u, 0u, j == 0u || before < source);
  let behind = (2u * j + 3u) * result;
  let last = (max(behind, source) - source + 2u * source - 1u) / (2u * source);
  return vec2u(first, select(min(last, result), result, j + 1u == source));
}

fn depth(g: f32) -> f32 {
  return clamp((g / (1.0 + abs(g)) + 1.0) * (0.5 * f32(LEVELS)) - 0.5, 0.0, f32(LEVELS - 1u));
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
    let i = row % p.grid_h;
    let component = row / p.grid_h % 3u;
    let first_level = row / (3u * p.grid_h) % (LEVELS / 4u) * 4u;
    let n = row / (3u * p.grid_h * (LEVELS / 4u));
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
          let share = max(vec4f(1.0) - abs(vec4f(depth(guide[at].x)) - levels), vec4f());
          let change = along * weight(w, j, p.grid_w, p.x_w) * dot(dy[at].xyz, chosen) * vec4f(x[at].xyz, 1.0);
          sum0 += share.x * change;
          sum1 += share.y * change;
          sum2 += share.z * change;
          sum3 += share.w * change;
        }
      }
      let plane = p.grid_h * p.grid_w;
      let first = ((n * LEVELS + first_level) * 3u + component) * plane + i * p.grid_w + j;
      dgrid[first] = sum0;
      dgrid[first + 3u * plane] = sum1;
      dgrid[first + 6u * plane] = sum2;
      dgrid[first + 9u * plane] = sum3;
    }
  }
}
