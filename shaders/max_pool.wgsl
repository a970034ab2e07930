// Maximum over 2x2 windows, stride 2, and its gradient; an odd last row or column is dropped.
//
//   forward   y[n, c, h, w] = max x[n, c, 2h .. 2h + 1, 2w .. 2w + 1]
//   gradient  dx[n, c, i] = dy[n, c, window of i] if x[n, c, i] is the first maximum of its window in row-major order,
//             else 0
//
// Layouts  x, dx, y, dy: [N][C/4][H][W] vec4 over channels; rows, of y or of windows, are numbered over all planes
// Tile     LANES_Y rows side by side, rows_each times in sequence; LANES_X lanes along a row
// Dispatch [ceil(rows / (LANES_Y * rows_each)), 1, 1], folded over y beyond 65535
// Requires y [N, C, floor(H / 2), floor(W / 2)] (kernels/max-pool.ts)

// constants
const LANES_X: u32 = 8u;
const LANES_Y: u32 = 8u;
// end constants

struct Params { rows: u32, rows_each: u32, x_h: u32, x_w: u32, y_h: u32, y_w: u32 }

// How activations are stored; tensors of the gradient are f32.
alias Stored = vec4<f32>;

@group(0) @binding(0) var<uniform> p: Params;
@group(0) @binding(1) var<storage, read> x: array<Stored>;
@group(0) @binding(2) var<storage, read_write> y: array<Stored>;
@group(0) @binding(2) var<storage, read> dy: array<Stored>;
@group(0) @binding(3) var<storage, read_write> dx: array<Stored>;

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
    let plane = row / p.y_h;
    let top = (plane * p.x_h + row % p.y_h * 2u) * p.x_w;
    for (var w = lane.x; w < p.y_w; w += LANES_X) {
      let at = top + 2u * w;
      let upper = max(vec4f(x[at]), vec4f(x[at + 1u]));
      let lower = max(vec4f(x[at + p.x_w]), vec4f(x[at + p.x_w + 1u]));
      y[row * p.y_w + w] = Stored(max(upper, lower));
    }
  }
}

// Sets the gradient to zero where the window is incomplete.
fn clear(at: u32, right: bool, below: bool) {
  dx[at] = Stored();
  if (right) { dx[at + 1u] = Stored(); }
  if (below) { dx[at + p.x_w] = Stored(); }
}

@compute @workgroup_size(LANES_X, LANES_Y)
fn gradient(
  @builtin(workgroup_id) group: vec3u,
  @builtin(num_workgroups) groups: vec3u,
  @builtin(local_invocation_id) lane: vec3u,
) {
  // Incomplete windows in the last row and column included.
  let windows_h = (p.x_h + 1u) / 2u;
  let windows_w = (p.x_w + 1u) / 2u;
  let first_row = (group.y * groups.x + group.x) * LANES_Y * p.rows_each + lane.y;
  for (var r = 0u; r < p.rows_each; r++) {
    let row = first_row + r * LANES_Y;
    if (row >= p.rows) { return; }
    let plane = row / windows_h;
    let h = row % windows_h;
    let top = (plane * p.x_h + 2u * h) * p.x_w;
    let y_row = (plane * p.y_h + h) * p.y_w;
    for (var w = lane.x; w < windows_w; w += LANES_X) {
      let at = top + 2u * w;
      if (h >= p.y_h || w >= p.y_w) {
        clear(at, w < p.y_w, h < p.y_h);
        continue;
      }
      let below = at + p.x_w;
      let x0 = vec4f(x[at]);
      let x1 = vec4f(x[at + 1u]);
      let x2 = vec4f(x[below]);
      let x3 = vec4f(x[below + 1u]);
      let g = vec4f(dy[y_row + w]);
      let upper = max(x0, x1);
      let lower = max(x2, x3);
      let g_upper = select(vec4f(), g, upper >= lower);
      let g_lower = select(g, vec4f(), upper >= lower);
      dx[at] = Stored(select(vec4f(), g_upper, x0 >= x1));
      dx[at + 1u] = Stored(select(g_upper, vec4f(), x0 >= x1));
      dx[below] = Stored(select(vec4f(), g_lower, x2 >= x3));
      dx[below + 1u] = Stored(select(g_lower, vec4f(), x2 >= x3));
    }
  }
}
