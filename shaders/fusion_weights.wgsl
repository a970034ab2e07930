// The finest level of exposure fusion: each exposure with its weight beside it.
//
//   level[n, k] = (r, g, b, weight_k / sum of all weights of the pixel)
//   weight_k = contrast^a saturation^b exposedness^c + 1e-12
//
// Contrast is the absolute Laplacian over four neighbours of the grey picture, its edge replicated; saturation the
// population deviation of R, G, B; exposedness exp(-(v - 1/2)^2 / 0.08), multiplied over R, G, B (Mertens et al. 2007).
//
// Layouts  exposures: [N][COUNT][H][W] vec4 over r, g, b, 0, values k/255; exponents: [N] vec4 (a, b, c, 0);
//          level: as exposures, with the weight as the fourth
// Tile     LANES_Y rows side by side, rows_each such sets one after the other; LANES_X lanes along a row
// Dispatch [ceil(rows / (LANES_Y * rows_each)), 1, 1], folded over y beyond 65535; rows of all N pictures
// Requires N * COUNT exposures of r, g, b (kernels/exposure-fusion.ts)

// constants
const LANES_X: u32 = 8u;
const LANES_Y: u32 = 8u;
const COUNT: u32 = 3u;
// end constants

struct Params { rows: u32, rows_each: u32, h: u32, w: u32 }

@group(0) @binding(0) var<uniform> p: Params;
@group(0) @binding(1) var<storage, read> exposures: array<vec4f>;
@group(0) @binding(2) var<storage, read> exponents: array<vec4f>;
@group(0) @binding(3) var<storage, read_write> level: array<vec4f>;

const GREY = vec3f(0.29893602129377533, 0.5870430744511214, 0.11402090425510324);
const FLOOR: f32 = 1e-12;

// Whole numbers 0 to 255: differences of them are exact, so that what is flat or grey measures exactly zero.
fn bytes(at: u32) -> vec3f { return round(255.0 * exposures[at].rgb); }

fn contrast(plane: u32, y: u32, x: u32) -> f32 {
  let row = plane + y * p.w;
  let above = plane + (max(y, 1u) - 1u) * p.w;
  let below = plane + min(y + 1u, p.h - 1u) * p.w;
  let beside = bytes(row + max(x, 1u) - 1u) + bytes(row + min(x + 1u, p.w - 1u));
  let laplacian = beside + bytes(above + x) + bytes(below + x) - 4.0 * bytes(row + x);
  return abs(dot(GREY, laplacian)) / 255.0;
}

fn saturation(rgb: vec3f) -> f32 {
  let difference = rgb - rgb.gbr;
  return sqrt(dot(difference, difference)) / 765.0;
}

fn raise(value: f32, exponent: f32) -> f32 {
  if (exponent == 0.0) { return 1.0; }
  if (exponent == 1.0 || value == 0.0) { return value; }
  return pow(value, exponent);
}

fn weight(plane: u32, y: u32, x: u32, powers: vec4f) -> f32 {
  let rgb = bytes(plane + y * p.w + x);
  let off_middle = rgb / 255.0 - 0.5;
  return FLOOR + raise(contrast(plane, y, x), powers.x) * raise(saturation(rgb), powers.y)
    * exp(-powers.z * dot(off_middle, off_middle) / 0.08);
}

@compute @workgroup_size(LANES_X, LANES_Y)
fn main(
  @builtin(workgroup_id) group: vec3u,
  @builtin(num_workgroups) groups: vec3u,
  @builtin(local_invocation_id) lane: vec3u,
) {
  let first_row = (group.y * groups.x + group.x) * LANES_Y * p.rows_each + lane.y;
  for (var r = 0u; r < p.rows_each; r++) {
    let row = first_row + r * LANES_Y;
    if (row >= p.rows) { return; }
    let n = row / p.h;
    let y = row % p.h;
    for (var x = lane.x; x < p.w; x += LANES_X) {
      var weights: array<f32, COUNT>;
      var sum = 0.0;
      for (var k = 0u; k < COUNT; k++) {
        weights[k] = weight((n * COUNT + k) * p.h * p.w, y, x, exponents[n]);
        sum += weights[k];
      }
      for (var k = 0u; k < COUNT; k++) {
        let at = ((n * COUNT + k) * p.h + y) * p.w + x;
        level[at] = vec4f(exposures[at].rgb, weights[k] / sum);
      }
    }
  }
}
