// Draws an enhanced frame: the original left of the split, the result right of it.
//
// Layouts  photo, result: [height][width], a pixel in a word, red in the lowest byte
// Draw     3 vertices, onto a target of width x height

struct Screen { width: u32, height: u32, split: f32 }

@group(0) @binding(0) var<uniform> p: Screen;
@group(0) @binding(1) var<storage, read> photo: array<u32>;
@group(0) @binding(2) var<storage, read> result: array<u32>;

@vertex
fn corner(@builtin(vertex_index) index: u32) -> @builtin(position) vec4f {
  let place = vec2f(f32(index & 1u), f32(index >> 1u));
  return vec4f(4.0 * place - 1.0, 0.0, 1.0);
}

@fragment
fn colour(@builtin(position) position: vec4f) -> @location(0) vec4f {
  let place = min(vec2u(position.xy), vec2u(p.width - 1u, p.height - 1u));
  let at = place.y * p.width + place.x;
  let is_before = position.x < p.split * f32(p.width);
  return vec4f(unpack4x8unorm(select(result[at], photo[at], is_before)).rgb, 1.0);
}
