// A range of channels: the gradient of a concatenation.
//
//   y[n, c] = x[n, first + c]
//
// Layouts  x, y: [N][C/4][H][W] vec4 over channels
// Constant SHIFT = first mod 4: where in a block the range begins; with 0 blocks are copied
// Tile     a workgroup goes through a strip of a plane of y, lanes side by side
// Dispatch [N * y_blocks * strips, 1, 1], folded over y beyond 65535
// Requires one N, H, W; first + channels of y <= channels of x (kernels/concat.ts)

// constants
const WORKGROUP: u32 = 64u;
const SHIFT: u32 = 0u;
// end constants

// first_block = first / 4; y_channels without padding; inner = H * W
struct Params {
  planes: u32, inner: u32, strip: u32, strips: u32,
  x_blocks: u32, first_block: u32, y_blocks: u32, y_channels: u32,
}

// How activations are stored.
alias Stored = vec4<f32>;

@group(0) @binding(0) var<uniform> p: Params;
@group(0) @binding(1) var<storage, read> x: array<Stored>;
@group(0) @binding(2) var<storage, read_write> y: array<Stored>;

// Four components from the one at SHIFT on.
fn shifted(current: vec4f, next: vec4f) -> vec4f {
  if (SHIFT == 1u) { return vec4f(current.yzw, next.x); }
  if (SHIFT == 2u) { return vec4f(current.zw, next.xy); }
  return vec4f(current.w, next.xyz);
}

@compute @workgroup_size(WORKGROUP)
fn main(
  @builtin(workgroup_id) group: vec3u,
  @builtin(num_workgroups) groups: vec3u,
  @builtin(local_invocation_index) lane: u32,
) {
  let g = group.y * groups.x + group.x;
  let plane = g / p.strips;
  if (plane >= p.planes) { return; }
  let n = plane / p.y_blocks;
  let block = plane % p.y_blocks;
  let start = g % p.strips * p.strip + lane;
  let end = min(g % p.strips * p.strip + p.strip, p.inner);
  let y_plane = plane * p.inner;
  let x_block = p.first_block + block;
  let x_plane = (n * p.x_blocks + x_block) * p.inner;
  let used = block * 4u + vec4u(0u, 1u, 2u, 3u) < vec4u(p.y_channels);

  if (SHIFT == 0u) {
    for (var i = start; i < end; i += WORKGROUP) {
      y[y_plane + i] = Stored(select(vec4f(), vec4f(x[x_plane + i]), used));
    }
    return;
  }
  // Where x has no next block, the components taken from it are padding.
  let next_plane = select(x_plane, x_plane + p.inner, x_block + 1u < p.x_blocks);
  for (var i = start; i < end; i += WORKGROUP) {
    y[y_plane + i] = Stored(select(vec4f(), shifted(vec4f(x[x_plane + i]), vec4f(x[next_plane + i])), used));
  }
}
