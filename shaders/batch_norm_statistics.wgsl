// Statistics of batch normalisation, in two passes.
//
//   partial_moments  count, mean and sum of squared deviations per invocation:
//                    mean = k - origin + sum (x - k) / count,  m2 = sum (x - k)^2 - (sum (x - k))^2 / count
//                    with k the invocation's first value and origin the block's. Means are relative to origin, so
//                    nothing cancels or is rounded away if the mean is far larger than the deviation
//   moments          one workgroup per block merges its moments in a fixed order:
//                    mean = (n_a mean_a + n_b mean_b) / n,  m2 = m2_a + m2_b + (mean_b - mean_a)^2 n_a n_b / n
//                    variance = m2 / n,  rstd = 1 / sqrt(variance + eps)
//                    running_mean += momentum (mean - running_mean),  running_variance likewise with m2 / (n - 1)
//
// Layouts  x: [outer][blocks][inner] vec4 over a block of 4 channels; partial: [blocks][partials];
//          mean, rstd, running_mean, running_variance: [blocks] vec4, padding zero
// Tile     a workgroup processes one strip of several planes of a block, lanes side by side
// Dispatch partial_moments [blocks * plane_splits * strips, 1, 1], moments [blocks, 1, 1]; folded over y beyond 65535
// Requires shapes that agree, eps > 0 and n > 1 (kernels/batch-norm.ts)
// Source   Ioffe and Szegedy, Batch normalization, ICML 2015; T. Chan, G. Golub, R. LeVeque, Algorithms for computing the
//          sample variance, 1983

// constants
const WORKGROUP: u32 = 64u;
const LANES: u32 = 64u;
// end constants

struct Params {
  // shared: split sum's parameters
  outer: u32, blocks: u32, inner: u32,
  strip: u32, strips: u32, planes: u32, plane_splits: u32, partials: u32,
  // end shared
  channels: u32, eps: f32, momentum: f32,
}

struct Moments { mean: vec4f, m2: vec4f, count: f32 }

@group(0) @binding(0) var<uniform> p: Params;
@group(0) @binding(1) var<storage, read> x: array<vec4f>;
@group(0) @binding(2) var<storage, read_write> partial: array<Moments>;
@group(0) @binding(2) var<storage, read> partial_in: array<Moments>;
@group(0) @binding(3) var<storage, read_write> mean: array<vec4f>;
@group(0) @binding(4) var<storage, read_write> rstd: array<vec4f>;
@group(0) @binding(5) var<storage, read_write> running_mean: array<vec4f>;
@group(0) @binding(6) var<storage, read_write> running_variance: array<vec4f>;

var<workgroup> merged: array<Moments, LANES>;

@compute @workgroup_size(WORKGROUP)
fn partial_moments(
  @builtin(workgroup_id) group: vec3u,
  @builtin(num_workgroups) groups: vec3u,
  @builtin(local_invocation_index) lane: u32,
) {
  // shared: split sum's strip
  let g = group.y * groups.x + group.x;
  let block = g / (p.plane_splits * p.strips);
  if (block >= p.blocks) { return; }
  let first_plane = g / p.strips % p.plane_splits * p.planes;
  let last_plane = min(first_plane + p.planes, p.outer);
  let start = g % p.strips * p.strip + lane;
  let end = min(g % p.strips * p.strip + p.strip, p.inner);
  // end shared

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
  let offset = sum / max(count, 1.0);
  partial[g * WORKGROUP + lane] = Moments(k - origin + offset, max(squares - sum * offset, vec4f()), count);
}

fn merge(a: Moments, b: Moments) -> Moments {
  let count = a.count + b.count;
  let share = b.count / max(count, 1.0);
  let d = b.mean - a.mean;
  return Moments(a.mean + d * share, a.m2 + b.m2 + d * d * (a.count * share), count);
}

@compute @workgroup_size(LANES)
fn moments(
  @builtin(workgroup_id) group: vec3u,
  @builtin(num_workgroups) groups: vec3u,
  @builtin(local_invocation_index) lane: u32,
) {
  // shared: split sum's partials
  let block = group.y * groups.x + group.x;
  let start = block * p.partials;
  // Past the last block there is nothing to add, but no lane may leave before the barrier.
  let end = select(start, start + p.partials, block < p.blocks);
  // end shared
  var own = Moments();
  for (var k = start + lane; k < end; k += LANES) { own = merge(own, partial_in[k]); }
  merged[lane] = own;
  workgroupBarrier();
  if (lane > 0u || block >= p.blocks) { return; }
  var total = merged[0];
  for (var k = 1u; k < LANES; k++) { total = merge(total, merged[k]); }

  let used = block * 4u + vec4u(0u, 1u, 2u, 3u) < vec4u(p.channels);
  let block_mean = x[block * p.inner] + total.mean;
  mean[block] = block_mean;
  rstd[block] = select(vec4f(), 1.0 / sqrt(total.m2 / total.count + p.eps), used);
  running_mean[block] += p.momentum * (block_mean - running_mean[block]);
  running_variance[block] += p.momentum * (total.m2 / (total.count - 1.0) - running_variance[block]);
}
