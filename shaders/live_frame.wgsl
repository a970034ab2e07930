// Prepares a video frame for the bilateral-grid network: its pixels, and the view of the whole frame for the encoders.
//
//   load:  photo = the frame
//   view:  v += rate (area mean of the photo - v); a rate below 1 prevents flicker
//
// The area mean is that of src/enhance/global-view.ts for photos no smaller than the view.
//
// Layouts  photo: [height][width], a pixel in a word, red in the lowest byte; view: [VIEW][VIEW] vec4f, sRGB in 0..1
// Dispatch load [ceil(width / 8), ceil(height / 8), 1], view [VIEW / 8, VIEW / 8, 1]
// Requires width, height >= VIEW

// constants
const VIEW: u32 = 128u;
// end constants

struct Frame { width: u32, height: u32, rate: f32 }

@group(0) @binding(0) var<uniform> p: Frame;
@group(0) @binding(1) var<storage, read_write> photo: array<u32>;
@group(0) @binding(2) var<storage, read_write> view_of: array<vec4f>;
@group(0) @binding(3) var frame: texture_2d<f32>;

@compute @workgroup_size(8, 8)
fn load(@builtin(global_invocation_id) id: vec3u) {
  if (id.x >= p.width || id.y >= p.height) { return; }
  photo[id.y * p.width + id.x] = pack4x8unorm(vec4f(textureLoad(frame, id.xy, 0).rgb, 1.0));
}

// The share of input k that lies under output i.
fn share(k: u32, i: u32, size: u32) -> f32 {
  let low = max(k * VIEW, i * size);
  let high = min((k + 1u) * VIEW, (i + 1u) * size);
  return f32(high - low) / f32(size);
}

@compute @workgroup_size(8, 8)
fn view(@builtin(global_invocation_id) id: vec3u) {
  if (id.x >= VIEW || id.y >= VIEW) { return; }
  let first = vec2u(id.x * p.width, id.y * p.height) / VIEW;
  let last = vec2u((id.x + 1u) * p.width - 1u, (id.y + 1u) * p.height - 1u) / VIEW;
  var sum = vec3f();
  for (var y = first.y; y <= last.y; y++) {
    var row = vec3f();
    for (var x = first.x; x <= last.x; x++) {
      row += share(x, id.x, p.width) * unpack4x8unorm(photo[y * p.width + x]).rgb;
    }
    sum += share(y, id.y, p.height) * row;
  }
  let at = id.y * VIEW + id.x;
  let before = view_of[at];
  view_of[at] = before + p.rate * (vec4f(sum, 0.0) - before);
}
