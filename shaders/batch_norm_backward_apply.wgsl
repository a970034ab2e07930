// Gradient of batch normalisation, third pass.
//
//   dx = gamma rstd (dy' - dy_sum / n - xhat dy_xhat / n) = scale dy' - offset - slope (x - mean)
//   dy' = dy, or with RELU dy where scale (x - mean) + beta > 0 and 0 elsewhere
//
// Layouts  x, dy, dx: [planes][inner] vec4, a plane for each image and block of 4 channels; coefficients: [blocks]
// Tile     a workgroup processes a strip of a plane, lanes side by side
// Dispatch [planes * strips, 1, 1], folded over y beyond 65535
// Requires shapes that agree (kernels/batch-norm.ts)
// Source   Ioffe and Szegedy, Batch normalization, ICML 2015, section 3

// constants
const WORKGROUP: u32 = 64u;
const RELU: bool = false;
// end constants

struct Params { planes: u32, blocks: u32, inner: u32, strip: u32, strips: u32 }

struct Coefficients { mean: vec4f, scale: vec4f, beta: vec4f, offset: vec4f, slope: vec4f }

@group(0) @binding(0) var<uniform> p: Params;
@group(0) @binding(1) var<storage, read> x: array<vec4f>;
@group(0) @binding(2) var<storage, read> dy: array<vec4f>;
@group(0) @binding(3) var<storage, read> coefficients: array<Coefficients>;
@group(0) @binding(4) var<storage, read_write> dx: array<vec4f>;

@compute @workgroup_size(WORKGROUP)
fn main(
  @builtin(workgroup_id) group: vec3u,
  @builtin(num_workgroups) groups: vec3u,
  @builtin(local_invocation_index) lane: u32,
) {
  let g = group.y * groups.x + group.x;
  let plane = g / p.strips;
  if (plane >= p.planes) { return; }
  let start = g % p.strips * p.strip;
  let end = plane * p.inner + min(start + p.strip, p.inner);
  let c = coefficients[plane % p.blocks];
  for (var i = plane * p.inner + start + lane; i < end; i += WORKGROUP) {
    let d = x[i] - c.mean;
    let passed = vec4<bool>(!RELU) | (d * c.scale + c.beta > vec4f());
    dx[i] = c.scale * select(vec4f(), dy[i], passed) - c.offset - c.slope * d;
  }
}
