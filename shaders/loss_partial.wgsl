// Mean squared or absolute error, first pass: one sum per invocation.
//
//   partial[k] = sum |x - target|^POWER over what invocation k goes through
//
// Layouts  x, target: any, the same for both (the padding is zero in both and adds nothing); partial: [k] f32
// Tile     a workgroup goes through a strip of vec4, lanes side by side
// Dispatch [ceil(length / strip), 1, 1], folded over y beyond 65535; length in vec4
// Requires one shape and layout (kernels/loss.ts)
// Second pass: loss_final.wgsl

// constants
const WORKGROUP: u32 = 64u;
const POWER: u32 = 2u;
// end constants

struct Params { length: u32, strip: u32 }

@group(0) @binding(0) var<uniform> p: Params;
@group(0) @binding(1) var<storage, read> x: array<vec4f>;
@group(0) @binding(2) var<storage, read> targets: array<vec4f>;
@group(0) @binding(3) var<storage, read_write> partial: array<f32>;

@compute @workgroup_size(WORKGROUP)
fn main(
  @builtin(workgroup_id) group: vec3u,
  @builtin(num_workgroups) groups: vec3u,
  @builtin(local_invocation_index) lane: u32,
) {
  let g = group.y * groups.x + group.x;
  let start = g * p.strip;
  if (start >= p.length) { return; }
  let end = min(start + p.strip, p.length);
  var sum = vec4f();
  for (var i = start + lane; i < end; i += WORKGROUP) {
    let d = x[i] - targets[i];
    sum += select(abs(d), d * d, POWER == 2u);
  }
  partial[g * WORKGROUP + lane] = dot(sum, vec4f(1.0));
}
