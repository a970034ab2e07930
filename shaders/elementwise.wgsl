// Elementwise operators: the frame for each row of src/kernels/elementwise/table.ts.
//
//   y[i] = formula(a[i], b[i], ...)
//
// The attributes and the formula of a row replace the lines between the marks; as the file stands, y = a.
//
// Layouts  any, the same for all tensors; activations with MASK
// Constant MASK: the formula of zero is not zero, so components past the last channel are set to zero
// Tile     a workgroup processes a strip of vec4, lanes side by side
// Dispatch [ceil(length / strip), 1, 1], folded over y beyond 65535; length in vec4
// Requires one shape and layout (src/kernels/elementwise/calls.ts)

// constants
const WORKGROUP: u32 = 64u;
const MASK: bool = false;
// end constants

// For the mask: vec4 of a plane (H * W), blocks of 4 channels, and channels.
struct Params {
  length: u32, strip: u32,
  inner: u32, blocks: u32, channels: u32,
  // attributes
  // end attributes
}

// How activations are stored; formulas are f32.
alias Stored = vec4<f32>;

@group(0) @binding(0) var<uniform> p: Params;
@group(0) @binding(1) var<storage, read_write> result: array<Stored>;
@group(0) @binding(2) var<storage, read> input_1: array<Stored>;
@group(0) @binding(3) var<storage, read> input_2: array<Stored>;
@group(0) @binding(4) var<storage, read> input_3: array<Stored>;
@group(0) @binding(5) var<storage, read> input_4: array<Stored>;

fn is_channel(i: u32) -> vec4<bool> {
  return vec4u(4u * (i / p.inner % p.blocks)) + vec4u(0u, 1u, 2u, 3u) < vec4u(p.channels);
}

@compute @workgroup_size(WORKGROUP)
fn main(
  @builtin(workgroup_id) group: vec3u,
  @builtin(num_workgroups) groups: vec3u,
  @builtin(local_invocation_index) lane: u32,
) {
  let start = (group.y * groups.x + group.x) * p.strip;
  let end = min(start + p.strip, p.length);
  for (var i = start + lane; i < end; i += WORKGROUP) {
    // formula
    let a = vec4f(input_1[i]);
    let value = a;
    // end formula
    if (MASK) {
      result[i] = Stored(select(vec4f(), value, is_channel(i)));
    } else {
      result[i] = Stored(value);
    }
  }
}
