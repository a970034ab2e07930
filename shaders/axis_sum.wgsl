// Sum over the outer and the inner axis, in two passes of a fixed order.
//
//   partial_sums  partial[k, i] = sum x[outer, k, inner] over what invocation i of k processes
//   total         y[k] = sum_i partial[k, i]
//
// Layouts  x: [outer][kept][inner] vec4; partial: [kept][partials] vec4; y: [kept] vec4
// Tile     a workgroup processes one strip of some planes of one k, lanes side by side
// Dispatch partial_sums [kept * plane_splits * strips, 1, 1], total [kept, 1, 1]; folded over y beyond 65535
// Requires shapes that agree (kernels/channel-sum.ts, kernels/replicate.ts)

// constants
const WORKGROUP: u32 = 64u;
const LANES: u32 = 64u;
// end constants

struct Params {
  outer: u32, kept: u32, inner: u32,
  strip: u32, strips: u32, planes: u32, plane_splits: u32, partials: u32,
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
  let g = group.y * groups.x + group.x;
  let k = g / (p.plane_splits * p.strips);
  if (k >= p.kept) { return; }
  let first_plane = g / p.strips % p.plane_splits * p.planes;
  let last_plane = min(first_plane + p.planes, p.outer);
  let start = g % p.strips * p.strip;
  let end = min(start + p.strip, p.inner);

  var sum = vec4f();
  for (var n = first_plane; n < last_plane; n++) {
    let plane = (n * p.kept + k) * p.inner;
    for (var i = plane + start + lane; i < plane + end; i += WORKGROUP) { sum += x[i]; }
  }
  partial[g * WORKGROUP + lane] = sum;
}

@compute @workgroup_size(LANES)
fn total(
  @builtin(workgroup_id) group: vec3u,
  @builtin(num_workgroups) groups: vec3u,
  @builtin(local_invocation_index) lane: u32,
) {
  let k = group.y * groups.x + group.x;
  let start = k * p.partials;
  // Past the last one there is nothing to add, but no lane may leave before the barrier.
  let end = select(start, start + p.partials, k < p.kept);
  var sum = vec4f();
  for (var i = start + lane; i < end; i += LANES) { sum += partial_in[i]; }
  sums[lane] = sum;
  workgroupBarrier();
  if (lane > 0u || k >= p.kept) { return; }
  var total = vec4f();
  for (var i = 0u; i < LANES; i++) { total += sums[i]; }
  y[k] = total;
}
