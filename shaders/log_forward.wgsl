// Logarithm that is finite at zero.
//
//   y = ln(u + offset), u = scale x, or (scale x)^2 with SQUARE
//
// Layouts  x, y: [planes][inner] vec4, a plane for each image and block of 4 channels
// Tile     a workgroup goes through a strip of vec4, lanes side by side
// Dispatch [ceil(length / strip), 1, 1], folded over y beyond 65535; length in vec4
// Requires one shape, u + offset > 0 (kernels/log.ts)

// constants
const WORKGROUP: u32 = 64u;
const SQUARE: bool = false;
// end constants

struct Params { length: u32, strip: u32, scale: f32, offset: f32, inner: u32, rows: u32, channels: u32 }

@group(0) @binding(0) var<uniform> p: Params;
@group(0) @binding(1) var<storage, read> x: array<vec4f>;
@group(0) @binding(2) var<storage, read_write> y: array<vec4f>;

// Channels beyond the last are padding and stay zero.
fn is_channel(i: u32) -> vec4<bool> {
  return vec4u(4u * (i / p.inner % p.rows)) + vec4u(0u, 1u, 2u, 3u) < vec4u(p.channels);
}

fn argument(x: vec4f) -> vec4f {
  let scaled = p.scale * x;
  return select(scaled, scaled * scaled, SQUARE);
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
    let u = argument(x[i]);
    y[i] = select(vec4f(), log(u + p.offset), is_channel(i));
  }
}
