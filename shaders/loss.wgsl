// Mean squared or absolute error, in two passes and a fixed order, and its gradient.
//
//   partial_sums  partial[k] = sum |x - target|^POWER over the elements that invocation k processes
//   total         loss = factor * sum_k partial[k],  factor = 1 / count, without padding
//   gradient      dx = dloss * factor * (x - target), or of its sign if POWER is 1;  factor = POWER / count
//
// Layouts  x, target, dx: any, the same for all (padding is zero and adds nothing); partial: [partials] f32;
//          loss, dloss: the first component of one vec4
// Tile     a workgroup processes a strip of vec4, lanes side by side
// Dispatch partial_sums, gradient [ceil(length / strip), 1, 1], folded over y beyond 65535; total [1, 1, 1];
//          length in vec4
// Requires one shape and layout, loss and dloss [1, 1, 1, 1] (kernels/loss.ts)

// constants
const WORKGROUP: u32 = 64u;
const LANES: u32 = 64u;
const POWER: u32 = 2u;
// end constants

struct Params { length: u32, strip: u32, partials: u32, factor: f32 }

@group(0) @binding(0) var<uniform> p: Params;
@group(0) @binding(1) var<storage, read> x: array<vec4f>;
@group(0) @binding(2) var<storage, read> targets: array<vec4f>;
@group(0) @binding(3) var<storage, read_write> partial: array<f32>;
@group(0) @binding(1) var<storage, read> partial_in: array<f32>;
@group(0) @binding(2) var<storage, read_write> loss: array<vec4f>;
@group(0) @binding(3) var<storage, read_write> dx: array<vec4f>;
@group(0) @binding(4) var<storage, read> dloss: array<vec4f>;

var<workgroup> sums: array<f32, LANES>;

@compute @workgroup_size(WORKGROUP)
fn partial_sums(
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

@compute @workgroup_size(LANES)
fn total(@builtin(local_invocation_index) lane: u32) {
  var sum = 0.0;
  for (var k = lane; k < p.partials; k += LANES) { sum += partial_in[k]; }
  sums[lane] = sum;
  workgroupBarrier();
  if (lane > 0u) { return; }
  var all = 0.0;
  for (var k = 0u; k < LANES; k++) { all += sums[k]; }
  loss[0] = vec4f(all * p.factor, 0.0, 0.0, 0.0);
}

@compute @workgroup_size(WORKGROUP)
fn gradient(
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
