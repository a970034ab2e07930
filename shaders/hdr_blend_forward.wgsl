// Linear light of a photo, with predicted values where it is clipped.
//
//   H = (1 - a) x^2 + a max(exp(y) - offset, 0), a = clamp((max_c x - threshold) / (1 - threshold), 0, 1)
//
// Layouts  x, y, H: [N][1][H][W] vec4 over three channels and a zero
// Tile     a workgroup goes through a strip of vec4, lanes side by side
// Dispatch [ceil(length / strip), 1, 1], folded over y beyond 65535; length in vec4
// Requires three channels, one shape (kernels/hdr-blend.ts)
// Source   Eilertsen et al., HDR image reconstruction from a single exposure using deep CNNs, ACM TOG 36(6), 2017, eq. 1 and 2

// constants
const WORKGROUP: u32 = 64u;
// end constants

struct Params { length: u32, strip: u32, threshold: f32, offset: f32 }

@group(0) @binding(0) var<uniform> p: Params;
@group(0) @binding(1) var<storage, read> x: array<vec4f>;
@group(0) @binding(2) var<storage, read> y: array<vec4f>;
@group(0) @binding(3) var<storage, read_write> h: array<vec4f>;

// How far the brightest channel is in the last part below white, 0 to 1.
fn clipped(x: vec4f) -> f32 {
  return clamp((max(max(x.x, x.y), x.z) - p.threshold) / (1.0 - p.threshold), 0.0, 1.0);
}

@compute @workgroup_size(WORKGROUP)
fn main(
  @builtin(workgroup_id) group: vec3u,
  @builtin(num_workgroups) groups: vec3u,
  @builtin(local_invocation_index) lane: u32,
) {
  let start = (group.y * groups.x + group.x) * p.strip;
  let end = min(start + p.strip, p.length);
  for (var i = start + lane; i < end; i += WORKGROUP) {
    let a = clipped(x[i]);
    let predicted = max(exp(y[i].xyz) - p.offset, vec3f());
    h[i] = vec4f((1.0 - a) * x[i].xyz * x[i].xyz + a * predicted, 0.0);
  }
}
