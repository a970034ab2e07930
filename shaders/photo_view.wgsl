// Resizes a whole 8-bit photo to a square, by area or bilinearly, as the taps specify.
//
//   across:  reduced[row, i] = sum over k of weights[k] clip(sRGB(photo[row, start_i + k])), for some rows of the photo
//   down:    view[i, w] = sum over k of weights[k] reduced[start_i + k, w]
//
// Layouts  photo: a pixel in a word, red in the lowest byte, rows from first_row on; reduced: [H][size] vec4;
//          view: [1][size][size] vec4; taps: starts and ends of the weights of each i, and the first pixel under them
// Dispatch [ceil(outputs / WORKGROUP), 1, 1], folded over y beyond 65535

// constants
const WORKGROUP: u32 = 64u;
const SRGB: bool = true;
// end constants

struct Params { size: u32, photo_w: u32 }

struct Rows { first: u32, count: u32 }

struct Tap { pixel: u32, begin: u32, end: u32 }

@group(0) @binding(0) var<uniform> p: Params;
@group(0) @binding(1) var<storage, read> taps: array<Tap>;
@group(0) @binding(2) var<storage, read> weights: array<f32>;
@group(0) @binding(3) var<storage, read> rows: Rows;
@group(0) @binding(4) var<storage, read> profile: Profile;
@group(0) @binding(5) var<storage, read> photo: array<u32>;
@group(0) @binding(6) var<storage, read_write> reduced: array<vec4f>;
@group(0) @binding(3) var<storage, read> source: array<vec4f>;
@group(0) @binding(4) var<storage, read_write> view: array<vec4f>;

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

fn index_of(group: vec3u, groups: vec3u, lane: u32) -> u32 {
  return (group.y * groups.x + group.x) * WORKGROUP + lane;
}

@compute @workgroup_size(WORKGROUP)
fn across(
  @builtin(workgroup_id) group: vec3u,
  @builtin(num_workgroups) groups: vec3u,
  @builtin(local_invocation_index) lane: u32,
) {
  let index = index_of(group, groups, lane);
  let row = index / p.size;
  if (row >= rows.count) { return; }
  let tap = taps[index % p.size];
  var sum = vec3f();
  for (var k = tap.begin; k < tap.end; k++) {
    let word = photo[row * p.photo_w + tap.pixel + k - tap.begin];
    sum += weights[k] * clamp(decoded(word), vec3f(), vec3f(1.0));
  }
  reduced[(rows.first + row) * p.size + index % p.size] = vec4f(sum, 0.0);
}

@compute @workgroup_size(WORKGROUP)
fn down(
  @builtin(workgroup_id) group: vec3u,
  @builtin(num_workgroups) groups: vec3u,
  @builtin(local_invocation_index) lane: u32,
) {
  let index = index_of(group, groups, lane);
  if (index >= p.size * p.size) { return; }
  let tap = taps[index / p.size];
  var sum = vec4f();
  for (var k = tap.begin; k < tap.end; k++) {
    sum += weights[k] * source[(tap.pixel + k - tap.begin) * p.size + index % p.size];
  }
  view[index] = sum;
}
