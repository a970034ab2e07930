// Maximum over windows of 2x2, stride 2; an odd last row or column is left out.
//
//   y[n, c, h, w] = max x[n, c, 2h .. 2h + 1, 2w .. 2w + 1]
//
// Layouts  x, y: [N][C/4][H][W] vec4 over channels; rows of y are numbered over all planes
// Tile     LANES_Y rows side by side, rows_each such sets one after the other; LANES_X lanes along a row
// Dispatch [ceil(rows / (LANES_Y * rows_each)), 1, 1], folded over y beyond 65535
// Requires y [N, C, floor(H / 2), floor(W / 2)] (kernels/max-pool.ts)

// constants
const LANES_X: u32 = 8u;
const LANES_Y: u32 = 8u;
// end constants

struct Params { rows: u32, rows_each: u32, x_h: u32, x_w: u32, y_h: u32, y_w: u32 }

// How activations are stored.
alias Stored = vec4<f32>;

@group(0) @binding(0) var<uniform> p: Params;
@group(0) @binding(1) var<storage, read> x: array<Stored>;
@group(0) @binding(2) var<storage, read_write> y: array<Stored>;

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
