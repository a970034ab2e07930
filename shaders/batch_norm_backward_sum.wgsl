// Gradient of batch normalisation, second pass: a workgroup adds the sums of a block in a fixed order.
//
//   dbeta = dy_sum,  dgamma = dy_xhat,  and what the third pass needs per channel:
//   offset = gamma rstd dy_sum / n,  slope = gamma rstd^2 dy_xhat / n
//
// Layouts  partial: [blocks][partials]; mean, rstd, gamma, beta, dgamma, dbeta: [blocks] vec4; coefficients: [blocks]
// Dispatch [blocks, 1, 1], folded over y beyond 65535
// Requires shapes that agree (kernels/batch-norm.ts)

// constants
const LANES: u32 = 64u;
// end constants

struct Params { blocks: u32, partials: u32, inverse_count: f32 }

struct Sums { dy: vec4f, dy_xhat: vec4f }

struct Coefficients { mean: vec4f, scale: vec4f, beta: vec4f, offset: vec4f, slope: vec4f }

@group(0) @binding(0) var<uniform> p: Params;
@group(0) @binding(1) var<storage, read> partial: array<Sums>;
@group(0) @binding(2) var<storage, read> mean: array<vec4f>;
@group(0) @binding(3) var<storage, read> rstd: array<vec4f>;
@group(0) @binding(4) var<storage, read> gamma: array<vec4f>;
@group(0) @binding(5) var<storage, read> beta: array<vec4f>;
@group(0) @binding(6) var<storage, read_write> dgamma: array<vec4f>;
@group(0) @binding(7) var<storage, read_write> dbeta: array<vec4f>;
@group(0) @binding(8) var<storage, read_write> coefficients: array<Coefficients>;

var<workgroup> sums: array<Sums, LANES>;

@compute @workgroup_size(LANES)
fn main(
  @builtin(workgroup_id) group: vec3u,
  @builtin(num_workgroups) groups: vec3u,
  @builtin(local_invocation_index) lane: u32,
) {
  let block = group.y * groups.x + group.x;
  let start = block * p.partials;
  // Past the last block there is nothing to add, but no lane may leave before the barrier.
  let end = select(start, start + p.partials, block < p.blocks);
  var own = Sums();
  for (var k = start + lane; k < end; k += LANES) {
    own.dy += partial[k].dy;
    own.dy_xhat += partial[k].dy_xhat;
  }
  sums[lane] = own;
  workgroupBarrier();
  if (lane > 0u || block >= p.blocks) { return; }
  var total = Sums();
  for (var k = 0u; k < LANES; k++) {
    total.dy += sums[k].dy;
    total.dy_xhat += sums[k].dy_xhat;
  }
  dbeta[block] = total.dy;
  dgamma[block] = total.dy_xhat;
  let scale = gamma[block] * rstd[block];
  let each = scale * p.inverse_count;
  coefficients[block] = Coefficients(mean[block], scale, beta[block], each * total.dy, each * rstd[block] * total.dy_xhat);
}
