// Gradient of the exponential linear unit, from its output.
//
//   dx = dy (1 + min(y, 0))
//
// Layouts  any, the same for all three
// Tile     a workgroup goes through a strip of vec4, lanes side by side
// Dispatch [ceil(length / strip), 1, 1], folded over y beyond 65535; length in vec4
// Requires one shape and layout (kernels/elu.ts)
// Source   Clevert, Unterthiner and Hochreiter, Fast and accurate deep network learning by ELUs, ICLR 2016, eq. 15

// constants
const WORKGROUP: u32 = 64u;
// end constants

struct Params { length: u32, strip: u32 }

@group(0) @binding(0) var<uniform> p: Params;
@group(0) @binding(1) var<storage, read> y: array<vec4f>;
@group(0) @binding(2) var<storage, read> dy: array<vec4f>;
@group(0) @binding(3) var<storage, read_write> dx: array<vec4f>;

@compute @workgroup_size(WORKGROUP)
fn main(
  @builtin(workgroup_id) group: vec3u,
  @builtin(num_workgroups) groups: vec3u,
  @builtin(local_invocation_index) lane: u32,
) {
  let start = (group.y * groups.x + group.x) * p.strip;
  let end = min(start + p.strip, p.length);
  for (var i = start + lane; i < end; i += WORKGROUP) { dx[i] = dy[i] * (1.0 + min(y[i], vec4f())); }
}
