// Removes the alternating part from convolution kernels of an even size, along each axis.
//
//   y[k_y, k_x] = sum_{a, b} P[k_y, a] P[k_x, b] w[a, b],   P = identity - s s^T / size,   s[k] = (-1)^k
//
// The phases of a transposed convolution with stride 2 then have equal sums, so smooth inputs give no checkerboard
// grid. P is a symmetric projection, so forward and backward are the same.
//
// Layouts  w, y: [I/4][size * size][O4] vec4 over input channels
// Dispatch [ceil(I/4 * O4 / WORKGROUP), 1, 1], folded over y beyond 65535; one invocation per kernel, in 4 input channels
// Requires size even (kernels/balance-kernel.ts)

// constants
const WORKGROUP: u32 = 64u;
// end constants

struct Params { kernels: u32, o4: u32, size: u32 }

@group(0) @binding(0) var<uniform> p: Params;
@group(0) @binding(1) var<storage, read> w: array<vec4f>;
@group(0) @binding(2) var<storage, read_write> y: array<vec4f>;

fn sign_of(k: u32) -> f32 { return 1.0 - 2.0 * f32(k & 1u); }

@compute @workgroup_size(WORKGROUP)
fn main(
  @builtin(workgroup_id) group: vec3u,
  @builtin(num_workgroups) groups: vec3u,
  @builtin(local_invocation_index) lane: u32,
) {
  let kernel = (group.y * groups.x + group.x) * WORKGROUP + lane;
  if (kernel >= p.kernels) { return; }
  let first = kernel / p.o4 * p.size * p.size * p.o4 + kernel % p.o4;
  let mean = 1.0 / f32(p.size);

  // Along x, from w to y; then along y, in place.
  for (var k_y = 0u; k_y < p.size; k_y++) {
    let row = first + k_y * p.size * p.o4;
    var alternating = vec4f();
    for (var k_x = 0u; k_x < p.size; k_x++) { alternating += sign_of(k_x) * w[row + k_x * p.o4]; }
    for (var k_x = 0u; k_x < p.size; k_x++) {
      y[row + k_x * p.o4] = w[row + k_x * p.o4] - sign_of(k_x) * mean * alternating;
    }
  }
  for (var k_x = 0u; k_x < p.size; k_x++) {
    let column = first + k_x * p.o4;
    var alternating = vec4f();
    for (var k_y = 0u; k_y < p.size; k_y++) { alternating += sign_of(k_y) * y[column + k_y * p.size * p.o4]; }
    for (var k_y = 0u; k_y < p.size; k_y++) {
      let at = column + k_y * p.size * p.o4;
      y[at] = y[at] - sign_of(k_y) * mean * alternating;
    }
  }
}
