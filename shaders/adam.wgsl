// One step of Adam, in place.
//
//   m = beta1 m + (1 - beta1) g,  v = beta2 v + (1 - beta2) g^2
//   parameter -= rate (m / (1 - beta1^t)) / (sqrt(v / (1 - beta2^t)) + eps)
//
// Layouts  parameter, m, v, g: any, the same for all four
//          schedule: one vec4 (rate, 1 - beta1^t, 1 - beta2^t, unused), written by the host before each step
// Tile     a workgroup processes a strip of vec4, lanes side by side
// Dispatch [ceil(length / strip), 1, 1], folded over y beyond 65535; length in vec4
// Requires one shape and layout, schedule [1, 4, 1, 1] (kernels/adam.ts)
// Source   Kingma and Ba, Adam: a method for stochastic optimization, ICLR 2015, algorithm 1

// constants
const WORKGROUP: u32 = 64u;
// end constants

struct Params {
  length: u32, strip: u32,
  beta1: f32, one_minus_beta1: f32,
  beta2: f32, one_minus_beta2: f32,
  eps: f32,
}

@group(0) @binding(0) var<uniform> p: Params;
@group(0) @binding(1) var<storage, read_write> parameter: array<vec4f>;
@group(0) @binding(2) var<storage, read> gradient: array<vec4f>;
@group(0) @binding(3) var<storage, read_write> m: array<vec4f>;
@group(0) @binding(4) var<storage, read_write> v: array<vec4f>;
@group(0) @binding(5) var<storage, read> schedule: array<vec4f>;

@compute @workgroup_size(WORKGROUP)
fn main(
  @builtin(workgroup_id) group: vec3u,
  @builtin(num_workgroups) groups: vec3u,
  @builtin(local_invocation_index) lane: u32,
) {
  let start = (group.y * groups.x + group.x) * p.strip;
  let end = min(start + p.strip, p.length);
  let now = schedule[0];
  for (var i = start + lane; i < end; i += WORKGROUP) {
    let g = gradient[i];
    let m_new = p.beta1 * m[i] + p.one_minus_beta1 * g;
    let v_new = p.beta2 * v[i] + p.one_minus_beta2 * g * g;
    m[i] = m_new;
    v[i] = v_new;
    parameter[i] -= now.x * (m_new / now.y) / (sqrt(v_new / now.z) + p.eps);
  }
}
