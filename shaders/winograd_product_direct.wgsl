// Batched matrix product for Winograd: one invocation computes 8 rows x 16 columns of one of 36 products.
//
//   c[k][row][column] = sum_i a[k][i][row] . b[k][i][column]
//
// Idea     products of a row vector and a 4x4 matrix, with as many sums as a GPU has registers for; no subgroups
// Layouts  a: [36][blocks][rows] vec4, b: [36][blocks][columns] vec4, both over four terms of the sum;
//          c: [36][columns/4][rows] vec4 over columns; *_point: vec4 from one of the 36 to the next
// Dispatch [ceil(rows / 8 * ceil(columns / 16) / WORKGROUP), 1, 36]; lanes side by side along the columns
// Requires rows a multiple of 8, columns of 4 (kernels/convolution/winograd-product.ts)

// constants
const WORKGROUP: u32 = 64u;
// end constants

// shared: winograd product
struct Params { blocks: u32, rows: u32, columns: u32, a_point: u32, b_point: u32, c_point: u32 }

@group(0) @binding(0) var<uniform> p: Params;
@group(0) @binding(1) var<storage, read> a: array<vec4f>;
@group(0) @binding(2) var<storage, read> b: array<vec4f>;
@group(0) @binding(3) var<storage, read_write> c: array<vec4f>;

struct Eight { r0: vec4f, r1: vec4f, r2: vec4f, r3: vec4f, r4: vec4f, r5: vec4f, r6: vec4f, r7: vec4f }

fn rows_of(at: u32) -> Eight {
  return Eight(a[at], a[at + 1u], a[at + 2u], a[at + 3u], a[at + 4u], a[at + 5u], a[at + 6u], a[at + 7u]);
}

// Adds the products for eight rows x four columns.
fn accumulate(s: Eight, x: Eight, m: mat4x4f) -> Eight {
  return Eight(
    s.r0 + x.r0 * m, s.r1 + x.r1 * m, s.r2 + x.r2 * m, s.r3 + x.r3 * m,
    s.r4 + x.r4 * m, s.r5 + x.r5 * m, s.r6 + x.r6 * m, s.r7 + x.r7 * m);
}
// end shared

fn matrix(at: u32) -> mat4x4f {
  return mat4x4f(b[at], b[at + 1u], b[at + 2u], b[at + 3u]);
}

fn store(at: u32, exists: bool, s: Eight) {
  if (!exists) { return; }
  c[at] = s.r0; c[at + 1u] = s.r1; c[at + 2u] = s.r2; c[at + 3u] = s.r3;
  c[at + 4u] = s.r4; c[at + 5u] = s.r5; c[at + 6u] = s.r6; c[at + 7u] = s.r7;
}

@compute @workgroup_size(WORKGROUP)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(global_invocation_id) id: vec3u) {
  let k = group.z;
  let column_blocks = p.columns / 4u;
  let quads = (column_blocks + 3u) / 4u;
  let row = id.x / quads * 8u;
  if (row >= p.rows) { return; }
  let block0 = id.x % quads * 4u;
  // Blocks past the last repeat it and are not stored.
  let last = column_blocks - 1u;
  let block1 = min(block0 + 1u, last);
  let block2 = min(block0 + 2u, last);
  let block3 = min(block0 + 3u, last);

  var s0 = Eight(); var s1 = Eight(); var s2 = Eight(); var s3 = Eight();
  for (var i = 0u; i < p.blocks; i++) {
    let a_at = k * p.a_point + i * p.rows + row;
    let b_at = k * p.b_point + i * p.columns;
    let m0 = matrix(b_at + block0 * 4u);
    let m1 = matrix(b_at + block1 * 4u);
    let m2 = matrix(b_at + block2 * 4u);
    let m3 = matrix(b_at + block3 * 4u);
    let x = rows_of(a_at);
    s0 = accumulate(s0, x, m0); s1 = accumulate(s1, x, m1);
    s2 = accumulate(s2, x, m2); s3 = accumulate(s3, x, m3);
  }

  let at0 = k * p.c_point + block0 * p.rows + row;
  let at1 = k * p.c_point + block1 * p.rows + row;
  let at2 = k * p.c_point + block2 * p.rows + row;
  let at3 = k * p.c_point + block3 * p.rows + row;
  store(at0, true, s0); store(at1, block0 < last, s1);
  store(at2, block0 + 1u < last, s2); store(at3, block0 + 2u < last, s3);
}
