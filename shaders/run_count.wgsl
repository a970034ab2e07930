// Counts the submits that a device has executed; each submit ends with this dispatch.
//
//   count += 1
//
// It binds what the previous dispatch wrote, so that no device runs it before or alongside that one.
//
// Dispatch [1, 1, 1]

@group(0) @binding(0) var<storage, read_write> count: array<u32>;
@group(0) @binding(1) var<storage, read> result: array<u32>;

@compute @workgroup_size(1)
fn main() {
  // The minimum is always zero; reading `result` makes this dispatch wait.
  count[0] = count[0] + 1u + min(result[0], 0u);
}
