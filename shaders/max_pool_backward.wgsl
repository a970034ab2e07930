// Gradient of the 2x2 maximum: to the first maximum of each window in row-major order, zero elsewhere.
//
//   dx[n, c, i] = dy[n, c, window of i] if x[n, c, i] is the first maximum of its window, else 0
//
// Layouts  x, dx, dy: [N][C/4][H][W] vec4 over channels; rows of windows are numbered over all planes, with an
//          incomplete last row (and column) of windows where H (or W) is odd
// Tile     LANES_Y rows side by side, rows_each such sets one after the other; LANES_X lanes along a row
// Dispatch [ceil(rows / (LANES_Y * rows_each)), 1, 1], folded over y beyond 65535
// Requires dy [N, C, floor(H / 2), floor(W / 2)] (kernels/max-pool.ts)

// constants
const LANES_X: u32 = 8u;
const LANES_Y: u32 = 8u;
// end constants

// windows_h = ceil(x_h / 2), windows_w = ceil(x_w / 2)
struct Params {
  rows: u32, rows_each: u32, windows_h: u32, windows_w: u32,
  x_h: u32, x_w: u32, y_h: u32, y_w: u32,
}

@group(0) @binding(0) var<uniform> p: Params;
@group(0) @binding(1) var<storage, read> x: array<vec4f>;
@group(0) @binding(2) var<storage, read> dy: array<vec4f>;
@group(0) @binding(3) var<storage, read_write> dx: array<vec4f>;

// Leaves out of the pool what has no complete window.
fn clear(at: u32, right: bool, below: bool) {
  dx[at] = vec4f();
  if (right) { dx[at + 1u] = vec4f(); }
  if (below) { dx[at + p.x_w] = vec4f(); }
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
    let plane = row / p.windows_h;
    let h = row % p.windows_h;
    let top = (plane * p.x_h + 2u * h) * p.x_w;
    let y_row = (plane * p.y_h + h) * p.y_w;
    for (var w = lane.x; w < p.windows_w; w += LANES_X) {
      let at = top + 2u * w;
      if (h >= p.y_h || w >= p.y_w) {
        clear(at, w < p.y_w, h < p.y_h);
        continue;
      }
      let below = at + p.x_w;
      let x0 = x[at];
      let x1 = x[at + 1u];
      let x2 = x[below];
      let x3 = x[below + 1u];
      let g = dy[y_row + w];
      let upper = max(x0, x1);
      let lower = max(x2, x3);
      let g_upper = select(vec4f(), g, upper >= lower);
      let g_lower = select(g, vec4f(), upper >= lower);
      dx[at] = select(vec4f(), g_upper, x0 >= x1);
      dx[at + 1u] = select(g_upper, vec4f(), x0 >= x1);
      dx[below] = select(vec4f(), g_lower, x2 >= x3);
      dx[below + 1u] = select(g_lower, vec4f(), x2 >= x3);
    }
  }
}
