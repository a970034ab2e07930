// Concatenation over channels, and the slice of channels that is the gradient of either part.
//
//   concat  y[n, c] = a[n, c] for c < channels of a, else b[n, c - channels of a]
//   slice   y[n, c] = a[n, channel + c]
//
// Layouts  a, b, y: [N][C/4][H][W] vec4 over channels
// Constant SHIFT: where in a block b or the slice begins (channels of a, or `channel`, mod 4); if 0, blocks are copied
// Tile     a workgroup processes a strip of a plane of y, lanes side by side
// Dispatch [N * y_blocks * strips, 1, 1], folded over y beyond 65535
// Requires equal N, H and W; channels of y = those of a + those of b, or channel + those of y <= those of a
//          (kernels/concat.ts)

// constants
const WORKGROUP: u32 = 64u;
const SHIFT: u32 = 0u;
// end constants

// inner: H * W; whole: blocks before the one that SHIFT divides; y_channels: without padding
struct Params {
  planes: u32, inner: u32, strip: u32, strips: u32,
  a_blocks: u32, b_blocks: u32, y_blocks: u32, whole: u32, y_channels: u32,
}

// How activations are stored.
alias Stored = vec4<f32>;

@group(0) @binding(0) var<uniform> p: Params;
@group(0) @binding(1) var<storage, read> a: array<Stored>;
@group(0) @binding(2) var<storage, read_write> y: array<Stored>;
@group(0) @binding(3) var<storage, read> b: array<Stored>;

// Four components of two consecutive blocks, from `first` on.
fn shifted(previous: vec4f, current: vec4f, first: u32) -> vec4f {
  if (first == 1u) { return vec4f(previous.yzw, current.x); }
  if (first == 2u) { return vec4f(previous.zw, current.xy); }
  return vec4f(previous.w, current.xyz);
}

// The vec4 of a plane of y that an invocation processes.
struct Run { plane: u32, n: u32, block: u32, start: u32, end: u32 }

fn run_of(g: u32, lane: u32) -> Run {
  let plane = g / p.strips;
  let start = g % p.strips * p.strip;
  return Run(plane, plane / p.y_blocks, plane % p.y_blocks, start + lane, min(start + p.strip, p.inner));
}

@compute @workgroup_size(WORKGROUP)
fn concat(
  @builtin(workgroup_id) group: vec3u,
  @builtin(num_workgroups) groups: vec3u,
  @builtin(local_invocation_index) lane: u32,
) {
  let own = run_of(group.y * groups.x + group.x, lane);
  if (own.plane >= p.planes) { return; }
  let y_plane = own.plane * p.inner;
  let a_plane = (own.n * p.a_blocks + own.block) * p.inner;

  if (own.block < p.whole) {
    for (var i = own.start; i < own.end; i += WORKGROUP) { y[y_plane + i] = a[a_plane + i]; }
    return;
  }

  let b_block = own.block - p.whole;
  let b_plane = (own.n * p.b_blocks + b_block) * p.inner;
  if (SHIFT == 0u) {
    for (var i = own.start; i < own.end; i += WORKGROUP) { y[y_plane + i] = b[b_plane + i]; }
    return;
  }
  if (b_block == 0u) {
    let of_a = vec4u(0u, 1u, 2u, 3u) < vec4u(SHIFT);
    for (var i = own.start; i < own.end; i += WORKGROUP) {
      let first_of_b = shifted(vec4f(), vec4f(b[b_plane + i]), 4u - SHIFT);
      y[y_plane + i] = Stored(select(first_of_b, vec4f(a[a_plane + i]), of_a));
    }
    return;
  }
  let has_current = b_block < p.b_blocks;
  for (var i = own.start; i < own.end; i += WORKGROUP) {
    let current = select(vec4f(), vec4f(b[b_plane + i]), has_current);
    y[y_plane + i] = Stored(shifted(vec4f(b[b_plane - p.inner + i]), current, 4u - SHIFT));
  }
}

@compute @workgroup_size(WORKGROUP)
fn slice(
  @builtin(workgroup_id) group: vec3u,
  @builtin(num_workgroups) groups: vec3u,
  @builtin(local_invocation_index) lane: u32,
) {
  let own = run_of(group.y * groups.x + group.x, lane);
  if (own.plane >= p.planes) { return; }
  let y_plane = own.plane * p.inner;
  let a_block = p.whole + own.block;
  let a_plane = (own.n * p.a_blocks + a_block) * p.inner;
  let used = own.block * 4u + vec4u(0u, 1u, 2u, 3u) < vec4u(p.y_channels);

  if (SHIFT == 0u) {
    for (var i = own.start; i < own.end; i += WORKGROUP) {
      y[y_plane + i] = Stored(select(vec4f(), vec4f(a[a_plane + i]), used));
    }
    return;
  }
  // Where a has no next block, the components taken from it are padding.
  let next_plane = select(a_plane, a_plane + p.inner, a_block + 1u < p.a_blocks);
  for (var i = own.start; i < own.end; i += WORKGROUP) {
    let both = shifted(vec4f(a[a_plane + i]), vec4f(a[next_plane + i]), SHIFT);
    y[y_plane + i] = Stored(select(vec4f(), both, used));
  }
}
