// Statistics of batch normalisation, first pass: count, mean and sum of squared deviations per invocation.
//
//   mean = k - origin + sum (x - k) / count,  m2 = sum (x - k)^2 - (sum (x - k))^2 / count
//   with k the first value met and origin the first of the block: means are relative to it, so that nothing
//   cancels and nothing is rounded away where the mean is far larger than the deviation
//
// Layouts  x: [outer][blocks][inner] vec4 over a block of 4 channels; partial: [blocks][partials]
// Tile     a workgroup goes through one strip of some planes of a block, lanes side by side
// Dispatch [blocks * ceil(outer / planes) * strips, 1, 1], folded over y beyond 65535
// Requires shapes that agree (kernels/batch-norm.ts)
// Second pass: batch_norm_moments.wgsl
// Source   T. Chan, G. Golub, R. LeVeque, Algorithms for computing the sample variance, 1983

// constants
const WORKGROUP: u32 = 64u;
// end constants

struct Params {
  outer: u32, blocks: u32, inner: u32,
  strip: u32, strips: u32, planes: u32, plane_splits: u32,
}

struct Moments { mean: vec4f, m2: vec4f, count: f32 }

@group(0) @binding(0) var<uniform> p: Params;
@group(0) @binding(1) var<storage, read> x: array<vec4f>;
@group(0) @binding(2) var<storage, read_write> partial: array<Moments>;

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

  let origin = x[block * p.inner];
  let k = x[(first_plane * p.blocks + block) * p.inner + min(start, p.inner - 1u)];
  var sum = vec4f();
  var squares = vec4f();
  for (var n = first_plane; n < last_plane; n++) {
    let plane = (n * p.blocks + block) * p.inner;
    for (var i = plane + start; i < plane + end; i += WORKGROUP) {
      let d = x[i] - k;
      sum += d;
      squares += d * d;
    }
  }
  let each = (max(end, start) - start + WORKGROUP - 1u) / WORKGROUP;
  let count = f32((last_plane - first_plane) * each);
  let mean = sum / max(count, 1.0);
  partial[g * WORKGROUP + lane] = Moments(k - origin + mean, max(squares - sum * mean, vec4f()), count);
}
