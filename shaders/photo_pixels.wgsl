// Converts between an 8-bit photo and the planes of a network, for one window.
//
//   load:    x = clip(sRGB(photo)), mirrored beyond the right and the bottom border, the last pixel included
//   finish:  result = photo's numbers(sRGB + strength (hue(tone(clip(y))) - clip(sRGB))), for the core of the window
//
// Layouts  photo, result: a pixel in a word, red in the lowest byte, alpha is kept; parts of the photo, in rows
//          x, y: [1][H][W] vec4 over channels: the window
//          settings: what changes from window to window and from run to run; positions are in pixels of the whole photo
// Tile     LANES_Y rows side by side, rows_each such sets one after the other; LANES_X lanes along a row
// Dispatch [ceil(H / (LANES_Y * rows_each)), 1, 1], folded over y beyond 65535
// Requires the core within window and photo, both within what photo holds (src/enhance/packed-photo.ts)

// constants
const LANES_X: u32 = 8u;
const LANES_Y: u32 = 8u;
const SRGB: bool = true;
// end constants

struct Params { rows_each: u32, x_h: u32, x_w: u32 }

struct Settings {
  finish: Finish,
  photo_h: u32, photo_w: u32,
  // First row, first column and width of the part in `photo`; the same of `result`; the window; the core.
  held_row: u32, held_column: u32, held_w: u32,
  result_row: u32, result_column: u32, result_w: u32,
  window_row: u32, window_column: u32,
  core_row: u32, core_column: u32, core_h: u32, core_w: u32,
}

// How activations are stored.
alias Stored = vec4<f32>;

@group(0) @binding(0) var<uniform> p: Params;
@group(0) @binding(1) var<storage, read> settings: Settings;
@group(0) @binding(2) var<storage, read> profile: Profile;
@group(0) @binding(3) var<storage, read> photo: array<u32>;
@group(0) @binding(4) var<storage, read_write> x: array<Stored>;
@group(0) @binding(4) var<storage, read> y: array<Stored>;
// Nonzero if y has a value that is not finite: half precision overflowed.
@group(0) @binding(5) var<storage, read_write> overflow: atomic<u32>;
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

fn mirrored(at: u32, size: u32) -> u32 {
  let phase = at % (2u * size);
  return select(2u * size - 1u - phase, phase, phase < size);
}

fn photo_at(row: u32, column: u32) -> u32 {
  return photo[(row - settings.held_row) * settings.held_w + column - settings.held_column];
}

fn first_row(group: vec3u, groups: vec3u, lane: vec3u) -> u32 {
  return (group.y * groups.x + group.x) * LANES_Y * p.rows_each + lane.y;
}

@compute @workgroup_size(LANES_X, LANES_Y)
fn load(
  @builtin(workgroup_id) group: vec3u,
  @builtin(num_workgroups) groups: vec3u,
  @builtin(local_invocation_id) lane: vec3u,
) {
  for (var r = 0u; r < p.rows_each; r++) {
    let h = first_row(group, groups, lane) + r * LANES_Y;
    if (h >= p.x_h) { return; }
    let row = mirrored(settings.window_row + h, settings.photo_h);
    for (var w = lane.x; w < p.x_w; w += LANES_X) {
      let word = photo_at(row, mirrored(settings.window_column + w, settings.photo_w));
      x[h * p.x_w + w] = Stored(vec4f(clamp(decoded(word), vec3f(), vec3f(1.0)), 0.0));
    }
  }
}

fn is_number(v: vec3f) -> bool {
  return all((bitcast<vec3u>(v) & vec3u(0x7f800000u)) != vec3u(0x7f800000u));
}

@compute @workgroup_size(LANES_X, LANES_Y)
fn finish(
  @builtin(workgroup_id) group: vec3u,
  @builtin(num_workgroups) groups: vec3u,
  @builtin(local_invocation_id) lane: vec3u,
) {
  for (var r = 0u; r < p.rows_each; r++) {
    let h = first_row(group, groups, lane) + r * LANES_Y;
    if (h >= settings.core_h) { return; }
    let row = settings.core_row + h;
    for (var w = lane.x; w < settings.core_w; w += LANES_X) {
      let column = settings.core_column + w;
      let value = vec4f(y[(row - settings.window_row) * p.x_w + column - settings.window_column]).rgb;
      if (!is_number(value)) { atomicOr(&overflow, 1u); }
      result[(row - settings.result_row) * settings.result_w + column - settings.result_column] =
        finished(photo_at(row, column), value, settings.finish);
    }
  }
}
