// Mean squared or absolute error, second pass: one workgroup adds the partial sums in a fixed order.
//
//   loss = factor * sum_k partial[k], factor = 1 / count, count without padding
//
// Layouts  partial: [partials] f32; loss: one vec4, the mean and three zeros
// Dispatch [1, 1, 1]
// Requires loss [1, 1, 1, 1] (kernels/loss.ts)

// constants
const LANES: u32 = 64u;
// end constants

struct Params { partials: u32, factor: f32 }

@group(0) @binding(0) var<uniform> p: Params;
@group(0) @binding(1) var<storage, read> partial: array<f32>;
@group(0) @binding(2) var<storage, read_write> loss: array<vec4f>;

var<workgroup> sums: array<f32, LANES>;

@compute @workgroup_size(LANES)
fn main(@builtin(local_invocation_index) lane: u32) {
  var sum = 0.0;
  for (var k = lane; k < p.partials; k += LANES) { sum += partial[k]; }
  sums[lane] = sum;
  workgroupBarrier();
  if (lane > 0u) { return; }
  var total = 0.0;
  for (var k = 0u; k < LANES; k++) { total += sums[k]; }
  loss[0] = vec4f(total * p.factor, 0.0, 0.0, 0.0);
}
