// Batch normalisation with given statistics, and the last pass of its gradient.
//
//   forward   y = act(gamma rstd (x - mean) + beta) per channel, rstd = 1 / sqrt(variance + eps)
//   backward  dx = gamma rstd (dy' - dy_sum / n - xhat dy_xhat / n) = scale dy' - offset - slope (x - mean)
//             dy' = dy, or with RELU dy where scale (x - mean) + beta > 0 and 0 elsewhere
//
// Layouts  x, y, dy, dx: [planes][inner] vec4, a plane for each image and block of 4 channels;
//          mean, scatter, gamma, beta: [blocks] vec4, the padding of gamma and beta zero; coefficients: [blocks]
// Constant EPS: if 0, scatter holds rstd (training); otherwise the variance (inference)
// Tile     a workgroup processes a strip of a plane, lanes side by side
// Dispatch [planes * strips, 1, 1], folded over y beyond 65535
// Requires shapes that agree, eps > 0 (kernels/batch-norm.ts)
// Source   Ioffe and Szegedy, Batch normalization, ICML 2015, algorithms 1 and 2, section 3

// constants
const WORKGROUP: u32 = 64u;
const RELU: bool = false;
const EPS: f32 = 0.0;
// end constants

struct Params { planes: u32, blocks: u32, inner: u32, strip: u32, strips: u32 }

// How activations are stored; arithmetic is f32, and so are tensors of the gradient.
alias Stored = vec4<f32>;

// shared: batch norm coefficients
struct Coefficients { mean: vec4f, scale: vec4f, beta: vec4f, offset: vec4f, slope: vec4f }
// end shared

@group(0) @binding(0) var<uniform> p: Params;
@group(0) @binding(1) var<storage, read> x: array<Stored>;
@group(0) @binding(2) var<storage, read_write> y: array<Stored>;
@group(0) @binding(3) var<storage, read> mean: array<vec4f>;
@group(0) @binding(4) var<storage, read> scatter: array<vec4f>;
@group(0) @binding(5) var<storage, read> gamma: array<vec4f>;
@group(0) @binding(6) var<storage, read> beta: array<vec4f>;
@group(0) @binding(2) var<storage, read_write> dx: array<Stored>;
@group(0) @binding(3) var<storage, read> dy: array<Stored>;
@group(0) @binding(4) var<storage, read> coefficients: array<Coefficients>;

// The vec4 of a plane that an invocation processes.
struct Run { plane: u32, block: u32, start: u32, end: u32 }

fn run_of(group: vec3u, groups: vec3u, lane: u32) -> Run {
  let g = group.y * groups.x + group.x;
  let plane = g / p.strips;
  let start = g % p.strips * p.strip;
  let first = plane * p.inner;
  return Run(plane, plane % p.blocks, first + start + lane, first + min(start + p.strip, p.inner));
}

@compute @workgroup_size(WORKGROUP)
fn forward(
  @builtin(workgroup_id) group: vec3u,
  @builtin(num_workgroups) groups: vec3u,
  @builtin(local_invocation_index) lane: u32,
) {
  let own = run_of(group, groups, lane);
  if (own.plane >= p.planes) { return; }
  var rstd = scatter[own.block];
  if (EPS > 0.0) { rstd = 1.0 / sqrt(rstd + EPS); }
  let scale = gamma[own.block] * rstd;
  let middle = mean[own.block];
  let shift = beta[own.block];
  for (var i = own.start; i < own.end; i += WORKGROUP) {
    let value = (vec4f(x[i]) - middle) * scale + shift;
    y[i] = Stored(select(value, max(value, vec4f()), RELU));
  }
}

@compute @workgroup_size(WORKGROUP)
fn backward(
  @builtin(workgroup_id) group: vec3u,
  @builtin(num_workgroups) groups: vec3u,
  @builtin(local_invocation_index) lane: u32,
) {
  let own = run_of(group, groups, lane);
  if (own.plane >= p.planes) { return; }
  let c = coefficients[own.block];
  for (var i = own.start; i < own.end; i += WORKGROUP) {
    let d = vec4f(x[i]) - c.mean;
    let passed = vec4<bool>(!RELU) | (d * c.scale + c.beta > vec4f());
    dx[i] = Stored(c.scale * select(vec4f(), vec4f(dy[i]), passed) - c.offset - c.slope * d);
  }
}
