// Sum over the outer and inner axes, in two passes and a fixed order.
//
//   partial_sums  partial[k, i] = sum x[outer, k, inner] over the elements that invocation i of block k processes
//   total         y[k] = sum_i partial[k, i]
//
// Layouts  x: [outer][blocks][inner] vec4; partial: [blocks][partials] vec4; y: [blocks] vec4
// Tile     a workgroup processes one strip of several planes of a block, lanes side by side
// Dispatch partial_sums [blocks * plane_splits * strips, 1, 1], total [blocks, 1, 1]; folded over y beyond 65535
// Requires shapes that agree (kernels/channel-sum.ts, kernels/replicate.ts)

// constants
const WORKGROUP: u32 = 64u;
const LANES: u32 = 64u;
// end constants

struct Params {
  // shared: split sum's parameters
  outer: u32, blocks: u32, inner: u32,
  strip: u32, strips: u32, planes: u32, plane_splits: u32, partials: u32,
  // end shared
}

@group(0) @binding(0) var<uniform> p: Params;
@group(0) @binding(1) var<storage, read> x: array<vec4f>;
@group(0) @binding(2) var<storage, read_write> partial: array<vec4f>;
@group(0) @binding(1) var<storage, read> partial_in: array<vec4f>;
@group(0) @binding(2) var<storage, read_write> y: array<vec4f>;

var<workgroup> sums: array<vec4f, LANES>;

@compute @workgroup_size(WORKGROUP)
fn partial_sums(
  @builtin(workgroup_id) group: vec3u,
  @builtin(num_workgroups) groups: vec3u,
  @builtin(local_invocation_index) lane: u32,
) {
  // shared: split sum's strip
  let g = group.y * groups.x + group.x;
  let block = g / (p.plane_splits * p.strips);
  if (block >= p.blocks) { return; }
  let first_plane = g / p.strips % p.plane_splits * p.planes;
  let last_plane = min(first_plane + p.planes, p.outer);
  let start = g % p.strips * p.strip + lane;
  let end = min(g % p.strips * p.strip + p.strip, p.inner);
  // end shared

  var sum = vec4f();
  for (var n = first_plane; n < last_plane; n++) {
    let plane = (n * p.blocks + block) * p.inner;
    for (var i = plane + start; i < plane + end; i += WORKGROUP) { sum += x[i]; }
  }
  partial[g * WORKGROUP + lane] = sum;
}

@compute @workgroup_size(LANES)
fn total(
  @builtin(workgroup_id) group: vec3u,
  @builtin(num_workgroups) groups: vec3u,
  @builtin(local_invocation_index) lane: u32,
) {
  // shared: split sum's partials
  let block = group.y * groups.x + group.x;
  let start = block * p.partials;
  // Past the last block there is nothing to add, but no lane may leave before the barrier.
  let end = select(start, start + p.partials, block < p.blocks);
  // end shared
  var sum = vec4f();
  for (var i = start + lane; i < end; i += LANES) { sum += partial_in[i]; }
  sums[lane] = sum;
  workgroupBarrier();
  if (lane > 0u || block >= p.blocks) { return; }
  var total = vec4f();
  for (var i = 0u; i < LANES; i++) { total += sums[i]; }
  y[block] = total;
}
