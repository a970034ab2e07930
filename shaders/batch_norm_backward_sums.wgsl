// Gradient of batch normalisation: two sums per channel, in two passes.
//
//   dy_sum = sum dy',  dy_xhat = sum dy' (x - mean) rstd
//   dy' = dy, or with RELU dy where gamma rstd (x - mean) + beta > 0 and 0 elsewhere
//
//   partial_sums  one pair per invocation
//   total         one workgroup per block adds them in a fixed order: dbeta = dy_sum, dgamma = dy_xhat, and the
//                 coefficients for batch_norm.wgsl, offset = gamma rstd dy_sum / n and slope = gamma rstd^2 dy_xhat / n
//
// Layouts  x, dy: [outer][blocks][inner] vec4 over a block of 4 channels; partial: [blocks][partials];
//          mean, rstd, gamma, beta, dgamma, dbeta: [blocks] vec4; coefficients: [blocks]
// Tile     a workgroup processes one strip of several planes of a block, lanes side by side
// Dispatch partial_sums [blocks * plane_splits * strips, 1, 1], total [blocks, 1, 1]; folded over y beyond 65535
// Requires shapes that agree (kernels/batch-norm.ts)

// constants
const WORKGROUP: u32 = 64u;
const LANES: u32 = 64u;
const RELU: bool = false;
// end constants

struct Params {
  // shared: split sum's parameters
  outer: u32, blocks: u32, inner: u32,
  strip: u32, strips: u32, planes: u32, plane_splits: u32, partials: u32,
  // end shared
  inverse_count: f32,
}

struct Sums { dy: vec4f, dy_xhat: vec4f }

// shared: batch norm coefficients
struct Coefficients { mean: vec4f, scale: vec4f, beta: vec4f, offset: vec4f, slope: vec4f }
// end shared

@group(0) @binding(0) var<uniform> p: Params;
@group(0) @binding(1) var<storage, read> mean: array<vec4f>;
@group(0) @binding(2) var<storage, read> rstd: array<vec4f>;
@group(0) @binding(3) var<storage, read> gamma: array<vec4f>;
@group(0) @binding(4) var<storage, read> beta: array<vec4f>;
@group(0) @binding(5) var<storage, read_write> partial: array<Sums>;
@group(0) @binding(5) var<storage, read> partial_in: array<Sums>;
@group(0) @binding(6) var<storage, read> x: array<vec4f>;
@group(0) @binding(7) var<storage, read> dy: array<vec4f>;
@group(0) @binding(6) var<storage, read_write> dgamma: array<vec4f>;
@group(0) @binding(7) var<storage, read_write> dbeta: array<vec4f>;
@group(0) @binding(8) var<storage, read_write> coefficients: array<Coefficients>;

var<workgroup> sums: array<Sums, LANES>;

@compute @workgroup_size(WORKGROUP)
fn partial_sums(
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

@compute @workgroup_size(LANES)
fn total(
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
  var own = Sums();
  for (var k = start + lane; k < end; k += LANES) {
    own.dy += partial_in[k].dy;
    own.dy_xhat += partial_in[k].dy_xhat;
  }
  sums[lane] = own;
  workgroupBarrier();
  if (lane > 0u || block >= p.blocks) { return; }
  var all = Sums();
  for (var k = 0u; k < LANES; k++) {
    all.dy += sums[k].dy;
    all.dy_xhat += sums[k].dy_xhat;
  }
  dbeta[block] = all.dy;
  dgamma[block] = all.dy_xhat;
  let scale = gamma[block] * rstd[block];
  let each = scale * p.inverse_count;
  coefficients[block] = Coefficients(mean[block], scale, beta[block], each * all.dy, each * rstd[block] * all.dy_xhat);
}
