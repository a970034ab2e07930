// Repeats one vector per image over a plane.
//
//   y[n, c, h, w] = x[n, c]
//
// Layouts  x: [planes] vec4, a plane for each image and block of 4 channels; y: [planes][inner] vec4
// Tile     a workgroup processes a strip of a plane, lanes side by side
// Dispatch [planes * strips, 1, 1], folded over y beyond 65535
// Requires x [N, C, 1, 1] and y [N, C, H, W] (kernels/replicate.ts)

// constants
const WORKGROUP: u32 = 64u;
// end constants

struct Params { planes: u32, inner: u32, strip: u32, strips: u32 }

// How activations are stored.
alias Stored = vec4<f32>;

@group(0) @binding(0) var<uniform> p: Params;
@group(0) @binding(1) var<storage, read> x: array<Stored>;
@group(0) @binding(2) var<storage, read_write> y: array<Stored>;

@compute @workgroup_size(WORKGROUP)
fn main(
  @builtin(workgroup_id) group: vec3u,
  @builtin(num_workgroups) groups: vec3u,
  @builtin(local_invocation_index) lane: u32,
) {
  let g = group.y * groups.x + group.x;
  let plane = g / p.strips;
  if (plane >= p.planes) { return; }
  let start = g % p.strips * p.strip;
  let end = plane * p.inner + min(start + p.strip, p.inner);
  let value = x[plane];
  for (var i = plane * p.inner + start + lane; i < end; i += WORKGROUP) { y[i] = value; }
}
