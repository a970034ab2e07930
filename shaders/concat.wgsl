// Concatenation over channels.
//
//   y[n, c] = a[n, c] for c < channels of a, b[n, c - channels of a] after
//
// Layouts  a, b, y: [N][C/4][H][W] vec4 over channels
// Constant SHIFT = channels of a mod 4: how many components of a block the end of a takes; with 0 blocks are copied
// Tile     a workgroup goes through a strip of a plane of y, lanes side by side
// Dispatch [N * y_blocks * strips, 1, 1], folded over y beyond 65535
// Requires one N, H, W; channels of y = those of a + those of b (kernels/concat.ts)

// constants
const WORKGROUP: u32 = 64u;
const SHIFT: u32 = 0u;
// end constants

// a_whole: blocks of a without an incomplete last one; inner = H * W
struct Params {
  planes: u32, inner: u32, strip: u32, strips: u32,
  a_blocks: u32, a_whole: u32, b_blocks: u32, y_blocks: u32,
}

// How activations are stored.
alias Stored = vec4<f32>;

@group(0) @binding(0) var<uniform> p: Params;
@group(0) @binding(1) var<storage, read> a: array<Stored>;
@group(0) @binding(2) var<storage, read> b: array<Stored>;
@group(0) @binding(3) var<storage, read_write> y: array<Stored>;

// The last SHIFT components of one block, then the first of the next.
fn shifted(previous: vec4f, current: vec4f) -> vec4f {
  if (SHIFT == 1u) { return vec4f(previous.w, current.xyz); }
  if (SHIFT == 2u) { return vec4f(previous.zw, current.xy); }
  return vec4f(previous.yzw, current.x);
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
  let a_plane = (n * p.a_blocks + block) * p.inner;

  if (block < p.a_whole) {
    for (var i = start; i < end; i += WORKGROUP) { y[y_plane + i] = a[a_plane + i]; }
    return;
  }

  let b_block = block - p.a_whole;
  let b_plane = (n * p.b_blocks + b_block) * p.inner;
  if (SHIFT == 0u) {
    for (var i = start; i < end; i += WORKGROUP) { y[y_plane + i] = b[b_plane + i]; }
    return;
  }
  if (b_block == 0u) {
    let of_a = vec4u(0u, 1u, 2u, 3u) < vec4u(SHIFT);
    for (var i = start; i < end; i += WORKGROUP) {
      y[y_plane + i] = Stored(select(shifted(vec4f(), vec4f(b[b_plane + i])), vec4f(a[a_plane + i]), of_a));
    }
    return;
  }
  let has_current = b_block < p.b_blocks;
  for (var i = start; i < end; i += WORKGROUP) {
    let current = select(vec4f(), vec4f(b[b_plane + i]), has_current);
    y[y_plane + i] = Stored(shifted(vec4f(b[b_plane - p.inner + i]), current));
  }
}
