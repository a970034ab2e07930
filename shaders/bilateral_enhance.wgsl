// The bilateral-grid network at full resolution, for some rows of a photo: guide, look-up and affine map of each pixel,
// and, for packed photos, what becomes of the result: clipped, finished, hue, strength, rounded.
//
//   t = sqrt(x);  g = sum over k of out_k max(0, w_k . t + b_k) + b;  y = max(0, A(place, g) (t, 1))
//   packed: x = clip(sRGB(photo)); result = photo's numbers(sRGB + strength (hue(tone(clip(y))) - x))
//
// The look-up is that of bilateral_slice.wgsl.
//
// Layouts  grid: [LEVELS * 3][GH][GW] vec4, as there; units: the perceptron of the guide
//          PACKED 1: photo, result [rows][W], a pixel in a word, red in the lowest byte; alpha is kept
//          PACKED 0: photo, result [3][rows][W] f32, sRGB in 0..1, in the bits of a word
//          settings: what changes from strip to strip and from run to run
// Tile     LANES_Y rows side by side, rows_each such sets one after the other; LANES_X lanes along a row
// Dispatch [ceil(rows / (LANES_Y * rows_each)), 1, 1], folded over y beyond 65535
// Requires twice the product of both sizes below 2^32 (kernels/bilateral-enhance.ts)

// constants
const LANES_X: u32 = 8u;
const LANES_Y: u32 = 8u;
const LEVELS: u32 = 8u;
const UNITS: u32 = 16u;
const PACKED: u32 = 1u;
const SRGB: bool = true;
// end constants

struct Params { rows_each: u32, grid_h: u32, grid_w: u32, x_h: u32, x_w: u32 }

struct Unit { weights: vec3f, bias: f32, out: f32 }

struct Settings {
  finish: Finish,
  // first_row of the photo, rows from there on; held_row: the first that photo and result hold.
  first_row: u32, rows: u32, held_row: u32, guide_bias: f32,
}

@group(0) @binding(0) var<uniform> p: Params;
@group(0) @binding(1) var<storage, read> grid: array<vec4f>;
@group(0) @binding(2) var<storage, read> units: array<Unit>;
@group(0) @binding(3) var<storage, read> settings: Settings;
@group(0) @binding(4) var<storage, read> profile: Profile;
@group(0) @binding(5) var<storage, read> photo: array<u32>;
@group(0) @binding(6) var<storage, read_write> result: array<u32>;

// shared: profile
// The colours of an 8-bit photo that is not SRGB: a table to linear light and a matrix to sRGB's primaries. A constant
// decides, as some adapters compute both sides of a branch.
struct Profile {
  to_srgb: array<vec4f, 3>,
  from_srgb: array<vec4f, 3>,
  // Light of each number, and half-way between it and the next; 256 for each channel.
  light: array<f32, 768>,
  borders: array<f32, 768>,
}

fn numbers_of(word: u32) -> vec3u {
  return vec3u(word & 255u, (word >> 8u) & 255u, (word >> 16u) & 255u);
}

// sRGB's curve, symmetric about zero.
fn to_curve(light: vec3f) -> vec3f {
  let m = abs(light);
  let curved = 1.055 * pow(m, vec3f(1.0 / 2.4)) - 0.055;
  return sign(light) * select(curved, 12.92 * m, m <= vec3f(0.0031308));
}

fn multiplied(m: array<vec4f, 3>, v: vec3f) -> vec3f {
  return vec3f(dot(m[0].xyz, v), dot(m[1].xyz, v), dot(m[2].xyz, v));
}

// As sRGB, outside of [0, 1] where sRGB lacks the colour.
fn decoded(word: u32) -> vec3f {
  let n = numbers_of(word);
  if (SRGB) { return vec3f(n) / 255.0; }
  let light = vec3f(profile.light[n.r], profile.light[256u + n.g], profile.light[512u + n.b]);
  return to_curve(multiplied(profile.to_srgb, light));
}
// end shared

// shared: encoded
fn from_curve(value: vec3f) -> vec3f {
  let m = abs(value);
  let curved = pow((m + 0.055) / 1.055, vec3f(2.4));
  return sign(value) * select(curved, m / 12.92, m <= vec3f(0.04045));
}

// The number whose value is nearest.
fn nearest(channel: u32, light: f32) -> u32 {
  var low = 0u;
  var high = 255u;
  for (var k = 0u; k < 8u; k++) {
    let middle = (low + high) / 2u;
    let above = profile.borders[256u * channel + middle] <= light;
    low = select(low, min(middle + 1u, high), above);
    high = select(middle, high, above);
  }
  return low;
}

fn encoded(rgb: vec3f) -> vec3f {
  if (SRGB) { return floor(255.0 * rgb + 0.5); }
  let light = multiplied(profile.from_srgb, from_curve(rgb));
  return vec3f(vec3u(nearest(0u, light.r), nearest(1u, light.g), nearest(2u, light.b)));
}
// end shared

// shared: finish
// Finishes the network's output: tone (src/photo/finish.ts), hue (src/enhance/hue.ts), strength.
struct Finish {
  strength: f32, keep_hue: u32,
  black: f32, white: f32, exponent: f32, share: f32, chroma: f32,
}

// Least chroma that has a hue: a tenth of an 8-bit step.
const ACHROMATIC: f32 = 0.1 / 255.0;

fn with_hue_of(x: vec3f, y: vec3f) -> vec3f {
  let least = min(x.r, min(x.g, x.b));
  let chroma = max(x.r, max(x.g, x.b)) - least;
  let white = min(y.r, min(y.g, y.b));
  let pure = (max(y.r, max(y.g, y.b)) - white) / max(chroma, ACHROMATIC);
  let grey = vec3f(dot(y, vec3f(0.2126, 0.7152, 0.0722)));
  return select(vec3f(white) + pure * (x - vec3f(least)), grey, chroma < ACHROMATIC);
}

// Of a clipped colour, clipped again.
fn toned(y: vec3f, f: Finish) -> vec3f {
  let before = dot(y, vec3f(0.29893602129377533, 0.5870430744511214, 0.11402090425510324));
  let ratio = clamp((before - f.black) / (f.white - f.black), 0.0, 1.0);
  let after = before + f.share * (pow(ratio, f.exponent) - before);
  let gain = min(1.0 + f.chroma * (after / max(before, 1.0 / 255.0) - 1.0), 2.0);
  return clamp(vec3f(after) + gain * (y - vec3f(before)), vec3f(), vec3f(1.0));
}

// The pixel that the photo's and the network's value of it make, kept off 0 and 255 where the photo's is neither.
fn finished(word: u32, y: vec3f, f: Finish) -> u32 {
  let before = vec3f(numbers_of(word));
  let x = decoded(word);
  let seen = clamp(x, vec3f(), vec3f(1.0));
  var picture = clamp(y, vec3f(), vec3f(1.0));
  if (f.share > 0.0) { picture = toned(picture, f); }
  if (f.keep_hue == 1u) { picture = with_hue_of(seen, picture); }
  let mixed = encoded(x + f.strength * (picture - seen));
  let after = vec3u(clamp(mixed, min(before, vec3f(1.0)), max(before, vec3f(254.0))));
  return after.r | (after.g << 8u) | (after.b << 16u) | (word & 0xff000000u);
}
// end shared

// shared: neighbours
struct Neighbours { low: u32, high: u32, fraction: f32 }

// Position (i + 1/2) source / result - 1/2, clamped to the image, in whole numbers: exact, so that a gradient meets the
// same neighbours with the same weights.
fn neighbours(i: u32, source: u32, result: u32) -> Neighbours {
  let position = max((2u * i + 1u) * source, result) - result;
  let low = min(position / (2u * result), source - 1u);
  let rest = position - low * 2u * result;
  let inside = low + 1u < source;
  return Neighbours(low, select(low, low + 1u, inside), select(0.0, f32(rest) / f32(2u * result), inside));
}
// end shared

fn levels(g: f32) -> Neighbours {
  let depth = clamp((g / (1.0 + abs(g)) + 1.0) * (0.5 * f32(LEVELS)) - 0.5, 0.0, f32(LEVELS - 1u));
  let low = u32(depth);
  return Neighbours(low, min(low + 1u, LEVELS - 1u), depth - f32(low));
}

// One row of the map at one level, bilinear.
fn bilinear(block: u32, v: Neighbours, u: Neighbours) -> vec4f {
  let top = (block * p.grid_h + v.low) * p.grid_w;
  let bottom = (block * p.grid_h + v.high) * p.grid_w;
  let upper = mix(grid[top + u.low], grid[top + u.high], u.fraction);
  let lower = mix(grid[bottom + u.low], grid[bottom + u.high], u.fraction);
  return mix(upper, lower, v.fraction);
}

fn guide_of(t: vec3f) -> f32 {
  var g = settings.guide_bias;
  for (var k = 0u; k < UNITS; k++) {
    let unit = units[k];
    g += unit.out * max(0.0, dot(unit.weights, t) + unit.bias);
  }
  return g;
}

fn enhanced(x: vec3f, v: Neighbours, u: Neighbours) -> vec3f {
  let t = sqrt(x);
  let d = levels(guide_of(t));
  let low = 3u * d.low;
  let high = 3u * d.high;
  let colour = vec4f(t, 1.0);
  let red = mix(bilinear(low, v, u), bilinear(high, v, u), d.fraction);
  let green = mix(bilinear(low + 1u, v, u), bilinear(high + 1u, v, u), d.fraction);
  let blue = mix(bilinear(low + 2u, v, u), bilinear(high + 2u, v, u), d.fraction);
  return max(vec3f(), vec3f(dot(red, colour), dot(green, colour), dot(blue, colour)));
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
    if (row >= settings.rows) { return; }
    let v = neighbours(settings.first_row + row, p.grid_h, p.x_h);
    for (var w = lane.x; w < p.x_w; w += LANES_X) {
      let u = neighbours(w, p.grid_w, p.x_w);
      let at = (settings.first_row - settings.held_row + row) * p.x_w + w;
      if (PACKED == 1u) {
        let word = photo[at];
        let x = clamp(decoded(word), vec3f(), vec3f(1.0));
        result[at] = finished(word, enhanced(x, v, u), settings.finish);
      } else {
        let plane = settings.rows * p.x_w;
        let x = vec3f(
          bitcast<f32>(photo[at]), bitcast<f32>(photo[at + plane]), bitcast<f32>(photo[at + 2u * plane]));
        let y = enhanced(x, v, u);
        result[at] = bitcast<u32>(y.r);
        result[at + plane] = bitcast<u32>(y.g);
        result[at + 2u * plane] = bitcast<u32>(y.b);
      }
    }
  }
}
