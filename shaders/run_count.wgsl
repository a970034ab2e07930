// Counts the submits that a device has executed: the last dispatch of each.
//
//   count += 1
//
// It binds what the dispatch before it wrote, so that no device runs it before or alongside that one.
//
// Dispatch [1, 1, 1]

@group(0) @binding(0) var<storage, read_write> count: array<u32>;
@group(0) @binding(1) var<storage, read> result: array<u32>;

@compute @workgroup_size(1)
fn main() {
  // The minimum is always zero; reading makes this dispatch wait.
  count[0] = count[0] + 1u + min(result[0], 0u);
}
