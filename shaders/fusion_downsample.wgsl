// The next coarser level of a Gaussian pyramid.
//
//   coarse[i, j] = sum over 5 x 5 taps of (1 4 6 4 1)/16 per axis around fine[2i, 2j]
//
// The border is mirrored with its edge pixel repeated: ... 1 0 | 0 1 2 ...
//
// Layouts  fine: [planes][H][W] vec4, coarse: [planes][ceil(H / 2)][ceil(W / 2)] vec4; rows of coarse over all planes
// Tile     LANES_Y rows side by side, rows_each such sets one after the other; LANES_X lanes along a row
// Dispatch [ceil(rows / (LANES_Y * rows_each)), 1, 1], folded over y beyond 65535
// Requires H and W at least 2 (kernels/exposure-fusion.ts)

// constants
const LANES_X: u32 = 8u;
const LANES_Y: u32 = 8u;
// end constants

struct Params { rows: u32, rows_each: u32, fine_h: u32, fine_w: u32, coarse_h: u32, coarse_w: u32 }

@group(0) @binding(0) var<uniform> p: Params;
@group(0) @binding(1) var<storage, read> fine: array<vec4f>;
@group(0) @binding(2) var<storage, read_write> coarse: array<vec4f>;

// Sample centre + offset of a line, mirrored into it.
fn mirrored(centre: u32, offset: i32, length: u32) -> u32 {
  let i = i32(centre) + offset;
  let n = i32(length);
  return u32(select(select(i, 2 * n - 1 - i, i >= n), -1 - i, i < 0));
}

fn along_row(row: u32, x: u32) -> vec4f {
  let start = row * p.fine_w;
  let outer = fine[start + mirrored(x, -2, p.fine_w)] + fine[start + mirrored(x, 2, p.fine_w)];
  let inner = fine[start + mirrored(x, -1, p.fine_w)] + fine[start + mirrored(x, 1, p.fine_w)];
  return (outer + 4.0 * inner + 6.0 * fine[start + x]) / 16.0;
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
    let plane = row / p.coarse_h * p.fine_h;
    let y = 2u * (row % p.coarse_h);
    for (var i = lane.x; i < p.coarse_w; i += LANES_X) {
      var sum = vec4f();
      for (var k = -2; k <= 2; k++) {
        let tap = select(select(6.0, 4.0, abs(k) == 1), 1.0, abs(k) == 2) / 16.0;
        sum += tap * along_row(plane + mirrored(y, k, p.fine_h), 2u * i);
      }
      coarse[row * p.coarse_w + i] = sum;
    }
  }
}
