// Bilinear resize with half-pixel centres (align_corners = False), edges clamped, no antialiasing, and its gradient.
//
//   forward   y[n, c, h, w] = sum over 2 rows i and 2 columns j of weight(h, i) weight(w, j) x[n, c, i, j]
//   gradient  dx[n, c, i, j] = sum over h, w of weight(h, i) weight(w, j) dy[n, c, h, w], as a gather: each input adds
//             the outputs that read it, in a fixed order
//
// Layouts  x, y, dx, dy: [N][C/4][H][W] vec4 over channels; rows of the result are numbered over all planes
// Tile     LANES_Y rows side by side, rows_each times in sequence; LANES_X lanes along a row
// Dispatch [ceil(rows / (LANES_Y * rows_each)), 1, 1], folded over y beyond 65535
// Requires equal N and C; twice the product of old and new size below 2^32 (kernels/resize.ts)

// constants
const LANES_X: u32 = 8u;
const LANES_Y: u32 = 8u;
// end constants

struct Params { rows: u32, rows_each: u32, x_h: u32, x_w: u32, y_h: u32, y_w: u32 }

// How activations are stored; arithmetic is f32.
alias Stored = vec4<f32>;

@group(0) @binding(0) var<uniform> p: Params;
@group(0) @binding(1) var<storage, read> x: array<Stored>;
@group(0) @binding(2) var<storage, read_write> y: array<Stored>;
@group(0) @binding(1) var<storage, read> dy: array<Stored>;
@group(0) @binding(2) var<storage, read_write> dx: array<Stored>;

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
    let plane = row / p.y_h * p.x_h;
    let v = neighbours(row % p.y_h, p.x_h, p.y_h);
    let top = (plane + v.low) * p.x_w;
    let bottom = (plane + v.high) * p.x_w;
    for (var w = lane.x; w < p.y_w; w += LANES_X) {
      let u = neighbours(w, p.x_w, p.y_w);
      let upper = mix(vec4f(x[top + u.low]), vec4f(x[top + u.high]), u.fraction);
      let lower = mix(vec4f(x[bottom + u.low]), vec4f(x[bottom + u.high]), u.fraction);
      y[row * p.y_w + w] = Stored(mix(upper, lower, v.fraction));
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

// A range with all outputs that read input j; those at its ends may have weight zero.
fn readers(j: u32, source: u32, result: u32) -> vec2u {
  let first = max(u32(f32(max(2u * j, 1u) - 1u) * f32(result) / f32(2u * source)), 2u) - 2u;
  let last = u32(f32(2u * j + 3u) * f32(result) / f32(2u * source)) + 2u;
  return vec2u(select(first, 0u, j == 0u), select(min(last, result), result, j + 1u == source));
}

@compute @workgroup_size(LANES_X, LANES_Y)
fn gradient(
  @builtin(workgroup_id) group: vec3u,
  @builtin(num_workgroups) groups: vec3u,
  @builtin(local_invocation_id) lane: vec3u,
) {
  let first_row = (group.y * groups.x + group.x) * LANES_Y * p.rows_each + lane.y;
  for (var r = 0u; r < p.rows_each; r++) {
    let row = first_row + r * LANES_Y;
    if (row >= p.rows) { return; }
    let plane = row / p.x_h * p.y_h;
    let i = row % p.x_h;
    let rows = readers(i, p.x_h, p.y_h);
    for (var j = lane.x; j < p.x_w; j += LANES_X) {
      let columns = readers(j, p.x_w, p.y_w);
      var sum = vec4f();
      for (var h = rows.x; h < rows.y; h++) {
        let at = (plane + h) * p.y_w;
        var along = vec4f();
        for (var w = columns.x; w < columns.y; w++) { along += weight(w, j, p.x_w, p.y_w) * vec4f(dy[at + w]); }
        sum += weight(h, i, p.x_h, p.y_h) * along;
      }
      dx[row * p.x_w + j] = Stored(sum);
    }
  }
}
