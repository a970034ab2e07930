// Bilinear resize with half-pixel centres (align_corners = False), edges clamped, no antialiasing.
//
//   y[n, c, h, w] = sum over 2 rows i and 2 columns j of weight(h, i) weight(w, j) x[n, c, i, j]
//
// Layouts  x, y: [N][C/4][H][W] vec4 over channels; rows of y are numbered over all planes
// Tile     LANES_Y rows side by side, rows_each such sets one after the other; LANES_X lanes along a row
// Dispatch [ceil(rows / (LANES_Y * rows_each)), 1, 1], folded over y beyond 65535
// Requires one N and C; twice the product of old and new size below 2^32 (kernels/resize.ts)

// constants
const LANES_X: u32 = 8u;
const LANES_Y: u32 = 8u;
// end constants

struct Params { rows: u32, rows_each: u32, x_h: u32, x_w: u32, y_h: u32, y_w: u32 }

// How activations are stored; sums and products are f32.
alias Stored = vec4<f32>;

@group(0) @binding(0) var<uniform> p: Params;
@group(0) @binding(1) var<storage, read> x: array<Stored>;
@group(0) @binding(2) var<storage, read_write> y: array<Stored>;

// Position ((i + 1/2) from / to - 1/2, clamped to the image) in whole numbers: exact, so that the gradient meets
// the same neighbours with the same weights.
struct Neighbours { low: u32, high: u32, fraction: f32 }

fn neighbours(i: u32, source: u32, result: u32) -> Neighbours {
  let position = max((2u * i + 1u) * source, result) - result;
  let low = min(position / (2u * result), source - 1u);
  let rest = position - low * 2u * result;
  let inside = low + 1u < source;
  return Neighbours(low, select(low, low + 1u, inside), select(0.0, f32(rest) / f32(2u * result), inside));
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
