// Second pass of a split sum: adds the partial sums in the order of the splits.
//
//   y[k] = sum_s partials[s * length + k]
//
// Layouts  partials: [splits][length] vec4; y: [length] vec4
// Dispatch [ceil(length / WORKGROUP), 1, 1], folded over y beyond 65535

// constants
const WORKGROUP: u32 = 64u;
// end constants

struct Params { length: u32, splits: u32 }

@group(0) @binding(0) var<uniform> p: Params;
@group(0) @binding(1) var<storage, read> partials: array<vec4f>;
@group(0) @binding(2) var<storage, read_write> y: array<vec4f>;

@compute @workgroup_size(WORKGROUP)
fn main(
  @builtin(workgroup_id) group: vec3u,
  @builtin(num_workgroups) groups: vec3u,
  @builtin(local_invocation_index) lane: u32,
) {
  let k = (group.y * groups.x + group.x) * WORKGROUP + lane;
  if (k >= p.length) { return; }
  var sum = vec4f();
  for (var s = 0u; s < p.splits; s++) { sum += partials[s * p.length + k]; }
  y[k] = sum;
}
