// Gradient of batch normalisation, first pass: the two sums per channel, one pair per invocation.
//
//   dy_sum = sum dy',  dy_xhat = sum dy' (x - mean) rstd
//   dy' = dy, or with RELU dy where gamma rstd (x - mean) + beta > 0 and 0 elsewhere
//
// Layouts  x, dy: [outer][blocks][inner] vec4 over a block of 4 channels; mean, rstd, gamma, beta: [blocks] vec4;
//          partial: [blocks][partials]
// Tile     a workgroup goes through one strip of some planes of a block, lanes side by side
// Dispatch [blocks * ceil(outer / planes) * strips, 1, 1], folded over y beyond 65535
// Requires shapes that agree (kernels/batch-norm.ts)
// Second pass: batch_norm_backward_sum.wgsl; third: batch_norm_backward_apply.wgsl

// constants
const WORKGROUP: u32 = 64u;
const RELU: bool = false;
// end constants

struct Params {
  outer: u32, blocks: u32, inner: u32,
  strip: u32, strips: u32, planes: u32, plane_splits: u32,
}

struct Sums { dy: vec4f, dy_xhat: vec4f }

@group(0) @binding(0) var<uniform> p: Params;
@group(0) @binding(1) var<storage, read> x: array<vec4f>;
@group(0) @binding(2) var<storage, read> dy: array<vec4f>;
@group(0) @binding(3) var<storage, read> mean: array<vec4f>;
@group(0) @binding(4) var<storage, read> rstd: array<vec4f>;
@group(0) @binding(5) var<storage, read> gamma: array<vec4f>;
@group(0) @binding(6) var<storage, read> beta: array<vec4f>;
@group(0) @binding(7) var<storage, read_write> partial: array<Sums>;

@compute @workgroup_size(WORKGROUP)
fn main(
  @builtin(workgroup_id) group: vec3u,
  @builtin(num_workgroups) groups: vec3u,
  @builtin(local_invocation_index) lane: u32,
) {
  let g = group.y * groups.x + group.x;
  let block = g / (p.plane_splits * p.strips);
  if (block >= p.blocks) { return; }
  let first_plane = g / p.strips % p.plane_splits * p.planes;
  let last_plane = min(first_plane + p.planes, p.outer);
  let start = g % p.strips * p.strip + lane;
  let end = min(g % p.strips * p.strip + p.strip, p.inner);

  let middle = mean[block];
  let scale = gamma[block] * rstd[block];
  let shift = beta[block];
  var sum = vec4f();
  var products = vec4f();
  for (var n = first_plane; n < last_plane; n++) {
    let plane = (n * p.blocks + block) * p.inner;
    for (var i = plane + start; i < plane + end; i += WORKGROUP) {
      let d = x[i] - middle;
      let passed = vec4<bool>(!RELU) | (d * scale + shift > vec4f());
      let dy_i = select(vec4f(), dy[i], passed);
      sum += dy_i;
      products += dy_i * d;
    }
  }
  partial[g * WORKGROUP + lane] = Sums(sum, products * rstd[block]);
}
