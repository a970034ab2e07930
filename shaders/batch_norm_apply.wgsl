// Batch normalisation with statistics that are known.
//
//   y = act(gamma rstd (x - mean) + beta) per channel, rstd = 1 / sqrt(variance + eps)
//
// Layouts  x, y: [planes][inner] vec4, a plane for each image and block of 4 channels;
//          mean, scatter, gamma, beta: [blocks] vec4, the padding of gamma and beta zero
// Constant INFERENCE: scatter holds the variance; otherwise rstd
// Tile     a workgroup processes a strip of a plane, lanes side by side
// Dispatch [planes * strips, 1, 1], folded over y beyond 65535
// Requires shapes that agree, eps > 0 (kernels/batch-norm.ts)
// Source   Ioffe and Szegedy, Batch normalization, ICML 2015, algorithms 1 and 2

// constants
const WORKGROUP: u32 = 64u;
const RELU: bool = false;
const INFERENCE: bool = false;
// end constants

struct Params { planes: u32, blocks: u32, inner: u32, strip: u32, strips: u32, eps: f32 }

// How activations are stored; sums and products are f32.
alias Stored = vec4<f32>;

@group(0) @binding(0) var<uniform> p: Params;
@group(0) @binding(1) var<storage, read> x: array<Stored>;
@group(0) @binding(2) var<storage, read> mean: array<vec4f>;
@group(0) @binding(3) var<storage, read> scatter: array<vec4f>;
@group(0) @binding(4) var<storage, read> gamma: array<vec4f>;
@group(0) @binding(5) var<storage, read> beta: array<vec4f>;
@group(0) @binding(6) var<storage, read_write> y: array<Stored>;

@compute @workgroup_size(WORKGROUP)
fn main(
  @builtin(workgroup_id) group: vec3u,
  @builtin(num_workgroups) groups: vec3u,
  @builtin(local_invocation_index) lane: u32,
) {
  let g = group.y * groups.x + group.x;
  let plane = g / p.strips;
  if (plane >= p.planes) { return; }
  let block = plane % p.blocks;
  let start = g % p.strips * p.strip;
  let end = plane * p.inner + min(start + p.strip, p.inner);
  var rstd = scatter[block];
  if (INFERENCE) { rstd = 1.0 / sqrt(rstd + p.eps); }
  let scale = gamma[block] * rstd;
  let middle = mean[block];
  let shift = beta[block];
  for (var i = plane * p.inner + start + lane; i < end; i += WORKGROUP) {
    let value = (vec4f(x[i]) - middle) * scale + shift;
    y[i] = Stored(select(value, max(value, vec4f()), RELU));
  }
}
