// Gradient of the blend of a photo and predicted values with respect to the latter.
//
//   dy = dH a exp(y) where exp(y) > offset, else 0; a as in hdr_blend_forward.wgsl
//
// Layouts  x, y, dH, dy: [N][1][H][W] vec4 over three channels and a zero
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
@group(0) @binding(3) var<storage, read> dh: array<vec4f>;
@group(0) @binding(4) var<storage, read_write> dy: array<vec4f>;

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
    let value = exp(y[i].xyz);
    let slope = select(vec3f(), clipped(x[i]) * value, value > vec3f(p.offset));
    dy[i] = vec4f(dh[i].xyz * slope, 0.0);
  }
}
