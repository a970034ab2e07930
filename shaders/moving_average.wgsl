// One step of a moving average, in place.
//
//   average += rate (value - average)
//
// Layouts  average, value: any, the same for both
//          schedule: one vec4 whose w is the rate, written by the host before each step
// Tile     a workgroup processes a strip of vec4, lanes side by side
// Dispatch [ceil(length / strip), 1, 1], folded over y beyond 65535; length in vec4
// Requires one shape and layout, schedule [1, 4, 1, 1] (kernels/moving-average.ts)

// constants
const WORKGROUP: u32 = 64u;
// end constants

struct Params { length: u32, strip: u32 }

@group(0) @binding(0) var<uniform> p: Params;
@group(0) @binding(1) var<storage, read_write> average: array<vec4f>;
@group(0) @binding(2) var<storage, read> value: array<vec4f>;
@group(0) @binding(3) var<storage, read> schedule: array<vec4f>;

@compute @workgroup_size(WORKGROUP)
fn main(
  @builtin(workgroup_id) group: vec3u,
  @builtin(num_workgroups) groups: vec3u,
  @builtin(local_invocation_index) lane: u32,
) {
  let start = (group.y * groups.x + group.x) * p.strip;
  let end = min(start + p.strip, p.length);
  let rate = schedule[0].w;
  for (var i = start + lane; i < end; i += WORKGROUP) {
    let old = average[i];
    // With rate 1 a mean starts again, and must not depend on the old average even by rounding.
    average[i] = select(old + rate * (value[i] - old), value[i], rate == 1.0);
  }
}
