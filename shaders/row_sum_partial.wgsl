// Sum over all but one axis, first pass: one sum per invocation.
//
//   partial[row, k] = sum x[outer, row, inner] over what invocation k of the row goes through
//
// Layouts  x: [outer][rows][inner] vec4 (a row is a block of 4 channels); partial: [rows][partials] vec4
// Tile     a workgroup goes through one strip of some planes of a row, lanes side by side
// Dispatch [rows * ceil(outer / planes) * strips, 1, 1], folded over y beyond 65535
// Requires shapes that agree (kernels/channel-sum.ts, kernels/replicate.ts)
// Second pass: row_sum_final.wgsl

// constants
const WORKGROUP: u32 = 64u;
// end constants

struct Params {
  outer: u32, rows: u32, inner: u32,
  strip: u32, strips: u32, planes: u32, plane_splits: u32,
}

@group(0) @binding(0) var<uniform> p: Params;
@group(0) @binding(1) var<storage, read> x: array<vec4f>;
@group(0) @binding(2) var<storage, read_write> partial: array<vec4f>;

@compute @workgroup_size(WORKGROUP)
fn main(
  @builtin(workgroup_id) group: vec3u,
  @builtin(num_workgroups) groups: vec3u,
  @builtin(local_invocation_index) lane: u32,
) {
  let g = group.y * groups.x + group.x;
  let row = g / (p.plane_splits * p.strips);
  if (row >= p.rows) { return; }
  let first_plane = g / p.strips % p.plane_splits * p.planes;
  let last_plane = min(first_plane + p.planes, p.outer);
  let start = g % p.strips * p.strip;
  let end = min(start + p.strip, p.inner);

  var sum = vec4f();
  for (var n = first_plane; n < last_plane; n++) {
    let plane = (n * p.rows + row) * p.inner;
    for (var i = plane + start + lane; i < plane + end; i += WORKGROUP) { sum += x[i]; }
  }
  partial[g * WORKGROUP + lane] = sum;
}
