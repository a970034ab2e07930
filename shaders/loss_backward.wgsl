// Gradient of the mean squared or absolute error.
//
//   dx = dloss * factor * (x - target), or of its sign where POWER is 1; factor = POWER / count, count without padding
//
// Layouts  x, target, dx: any, the same for all three; dloss: one vec4 whose first component counts
// Tile     a workgroup goes through a strip of vec4, lanes side by side
// Dispatch [ceil(length / strip), 1, 1], folded over y beyond 65535; length in vec4
// Requires one shape and layout, dloss [1, 1, 1, 1] (kernels/loss.ts)

// constants
const WORKGROUP: u32 = 64u;
const POWER: u32 = 2u;
// end constants

struct Params { length: u32, strip: u32, factor: f32 }

@group(0) @binding(0) var<uniform> p: Params;
@group(0) @binding(1) var<storage, read> x: array<vec4f>;
@group(0) @binding(2) var<storage, read> targets: array<vec4f>;
@group(0) @binding(3) var<storage, read_write> dx: array<vec4f>;
@group(0) @binding(4) var<storage, read> dloss: array<vec4f>;

@compute @workgroup_size(WORKGROUP)
fn main(
  @builtin(workgroup_id) group: vec3u,
  @builtin(num_workgroups) groups: vec3u,
  @builtin(local_invocation_index) lane: u32,
) {
  let start = (group.y * groups.x + group.x) * p.strip;
  let end = min(start + p.strip, p.length);
  let factor = dloss[0].x * p.factor;
  for (var i = start + lane; i < end; i += WORKGROUP) {
    let d = x[i] - targets[i];
    dx[i] = factor * select(sign(d), d, POWER == 2u);
  }
}
