// Sum over all but one axis, second pass: a workgroup adds the partial sums of a row in a fixed order.
//
//   y[row] = sum_k partial[row, k]
//
// Layouts  partial: [rows][partials] vec4; y: [rows] vec4
// Dispatch [rows, 1, 1], folded over y beyond 65535

// constants
const LANES: u32 = 64u;
// end constants

struct Params { rows: u32, partials: u32 }

@group(0) @binding(0) var<uniform> p: Params;
@group(0) @binding(1) var<storage, read> partial: array<vec4f>;
@group(0) @binding(2) var<storage, read_write> y: array<vec4f>;

var<workgroup> sums: array<vec4f, LANES>;

@compute @workgroup_size(LANES)
fn main(
  @builtin(workgroup_id) group: vec3u,
  @builtin(num_workgroups) groups: vec3u,
  @builtin(local_invocation_index) lane: u32,
) {
  let row = group.y * groups.x + group.x;
  let start = row * p.partials;
  // Past the last row there is nothing to add, but no lane may leave before the barrier.
  let end = select(start, start + p.partials, row < p.rows);
  var sum = vec4f();
  for (var k = start + lane; k < end; k += LANES) { sum += partial[k]; }
  sums[lane] = sum;
  workgroupBarrier();
  if (lane > 0u || row >= p.rows) { return; }
  var total = vec4f();
  for (var k = 0u; k < LANES; k++) { total += sums[k]; }
  y[row] = total;
}
