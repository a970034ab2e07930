// Gradient of the logarithm that is finite at zero.
//
//   dx = dy u' / (u + offset), u = scale x, or (scale x)^2 with SQUARE
//
// Layouts  any, the same for all three
// Tile     a workgroup goes through a strip of vec4, lanes side by side
// Dispatch [ceil(length / strip), 1, 1], folded over y beyond 65535; length in vec4
// Requires one shape, u + offset > 0 (kernels/log.ts)

// constants
const WORKGROUP: u32 = 64u;
const SQUARE: bool = false;
// end constants

struct Params { length: u32, strip: u32, scale: f32, offset: f32 }

@group(0) @binding(0) var<uniform> p: Params;
@group(0) @binding(1) var<storage, read> x: array<vec4f>;
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
  for (var i = start + lane; i < end; i += WORKGROUP) {
    let scaled = p.scale * x[i];
    let u = select(scaled, scaled * scaled, SQUARE);
    let slope = select(vec4f(p.scale), 2.0 * p.scale * scaled, SQUARE);
    dx[i] = dy[i] * slope / (u + p.offset);
  }
}
