// Swaps the channel axes of convolution weights, so that the input gradient reads them as the forward pass does.
//
//   wt[o, k_y, k_x, i] = w[i, k_y, k_x, o]
//
// Layouts  w: [I/4][taps][O4] vec4 over input channels; wt: [O/4][taps][I4] vec4 over output channels
// Tile     an invocation transposes 4x4 channels
// Dispatch [ceil(I/4 * taps * O/4 / WORKGROUP), 1, 1], folded over y beyond 65535

// constants
const WORKGROUP: u32 = 64u;
// end constants

struct Params { i_blocks: u32, o_blocks: u32, taps: u32 }

// How weights are stored.
alias Stored = vec4<f32>;

@group(0) @binding(0) var<uniform> p: Params;
@group(0) @binding(1) var<storage, read> w: array<Stored>;
@group(0) @binding(2) var<storage, read_write> wt: array<Stored>;

@compute @workgroup_size(WORKGROUP)
fn main(
  @builtin(workgroup_id) group: vec3u,
  @builtin(num_workgroups) groups: vec3u,
  @builtin(local_invocation_index) lane: u32,
) {
  let g = (group.y * groups.x + group.x) * WORKGROUP + lane;
  if (g >= p.i_blocks * p.taps * p.o_blocks) { return; }
  let o = g % p.o_blocks;
  let k = g / p.o_blocks % p.taps;
  let i = g / (p.o_blocks * p.taps);
  let at = (i * p.taps + k) * p.o_blocks * 4u + o * 4u;
  let m = transpose(mat4x4f(vec4f(w[at]), vec4f(w[at + 1u]), vec4f(w[at + 2u]), vec4f(w[at + 3u])));
  let to = (o * p.taps + k) * p.i_blocks * 4u + i * 4u;
  wt[to] = Stored(m[0]);
  wt[to + 1u] = Stored(m[1]);
  wt[to + 2u] = Stored(m[2]);
  wt[to + 3u] = Stored(m[3]);
}
