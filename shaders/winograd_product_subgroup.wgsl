// Batched matrix product for Winograd: one subgroup of 8 lanes makes 32 rows x 32 columns of one of 36 products.
//
//   c[k][row][column] = sum_i a[k][i][row] . b[k][i][column]
//
// Idea     as in conv2d_subgroup.wgsl: lanes hold rows while loading a, and columns while multiplying
// Layouts  a: [36][blocks][rows] vec4, b: [36][blocks][columns] vec4, both over four terms of the sum;
//          c: [36][columns/4][rows] vec4 over columns, seen as f32; *_point: vec4 from one of
//          the 36 to the next
// Dispatch [rows / 32, ceil(columns / 32), 36]
// Requires subgroups of exactly 8 lanes; rows a multiple of 32, columns of 4 (kernels/convolution/families/winograd.ts)

enable subgroups;

struct Params { blocks: u32, rows: u32, columns: u32, a_point: u32, b_point: u32, c_point: u32 }

@group(0) @binding(0) var<uniform> p: Params;
@group(0) @binding(1) var<storage, read> a: array<vec4f>;
@group(0) @binding(2) var<storage, read> b: array<vec4f>;
@group(0) @binding(3) var<storage, read_write> c: array<f32>;

// Eight rows of a, known to every lane.
struct Rows { r0: vec4f, r1: vec4f, r2: vec4f, r3: vec4f, r4: vec4f, r5: vec4f, r6: vec4f, r7: vec4f }

fn spread(own: vec4f) -> Rows {
  return Rows(
    subgroupBroadcast(own, 0u), subgroupBroadcast(own, 1u), subgroupBroadcast(own, 2u), subgroupBroadcast(own, 3u),
    subgroupBroadcast(own, 4u), subgroupBroadcast(own, 5u), subgroupBroadcast(own, 6u), subgroupBroadcast(own, 7u));
}

// Products of the lane's column with eight rows.
struct Eight { low: vec4f, high: vec4f }

fn accumulate(sum: Eight, r: Rows, column: vec4f) -> Eight {
  return Eight(
    sum.low + vec4f(dot(r.r0, column), dot(r.r1, column), dot(r.r2, column), dot(r.r3, column)),
    sum.high + vec4f(dot(r.r4, column), dot(r.r5, column), dot(r.r6, column), dot(r.r7, column)));
}

fn store(k: u32, row: u32, column: u32, sum: Eight) {
  if (column >= p.columns) { return; }
  var values = array<f32, 8>(
    sum.low.x, sum.low.y, sum.low.z, sum.low.w, sum.high.x, sum.high.y, sum.high.z, sum.high.w);
  let at = (k * p.c_point + column / 4u * p.rows + row) * 4u + column % 4u;
  // A bound that the compiler cannot see keeps the loop rolled, which halves the time to compile.
  let count = min(8u, p.rows - row);
  for (var r = 0u; r < count; r++) { c[at + r * 4u] = values[r]; }
}

@compute @workgroup_size(8)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(subgroup_invocation_id) lane: u32) {
  let k = group.z;
  let row = group.x * 32u;
  let column = group.y * 32u + lane;
  let last = p.columns - 1u;
  let column0 = min(column, last);
  let column1 = min(column + 8u, last);
  let column2 = min(column + 16u, last);
  let column3 = min(column + 24u, last);

  // s<j><c>: rows 8 j to 8 j + 7, column 8 c + lane.
  var s00 = Eight(); var s01 = Eight(); var s02 = Eight(); var s03 = Eight();
  var s10 = Eight(); var s11 = Eight(); var s12 = Eight(); var s13 = Eight();
  var s20 = Eight(); var s21 = Eight(); var s22 = Eight(); var s23 = Eight();
  var s30 = Eight(); var s31 = Eight(); var s32 = Eight(); var s33 = Eight();
  for (var i = 0u; i < p.blocks; i++) {
    let a_at = k * p.a_point + i * p.rows + row + lane;
    let b_at = k * p.b_point + i * p.columns;
    let b0 = b[b_at + column0];
    let b1 = b[b_at + column1];
    let b2 = b[b_at + column2];
    let b3 = b[b_at + column3];
    let r0 = spread(a[a_at]);
    s00 = accumulate(s00, r0, b0); s01 = accumulate(s01, r0, b1);
    s02 = accumulate(s02, r0, b2); s03 = accumulate(s03, r0, b3);
    let r1 = spread(a[a_at + 8u]);
    s10 = accumulate(s10, r1, b0); s11 = accumulate(s11, r1, b1);
    s12 = accumulate(s12, r1, b2); s13 = accumulate(s13, r1, b3);
    let r2 = spread(a[a_at + 16u]);
    s20 = accumulate(s20, r2, b0); s21 = accumulate(s21, r2, b1);
    s22 = accumulate(s22, r2, b2); s23 = accumulate(s23, r2, b3);
    let r3 = spread(a[a_at + 24u]);
    s30 = accumulate(s30, r3, b0); s31 = accumulate(s31, r3, b1);
    s32 = accumulate(s32, r3, b2); s33 = accumulate(s33, r3, b3);
  }

  store(k, row, column, s00); store(k, row, column + 8u, s01);
  store(k, row, column + 16u, s02); store(k, row, column + 24u, s03);
  store(k, row + 8u, column, s10); store(k, row + 8u, column + 8u, s11);
  store(k, row + 8u, column + 16u, s12); store(k, row + 8u, column + 24u, s13);
  store(k, row + 16u, column, s20); store(k, row + 16u, column + 8u, s21);
  store(k, row + 16u, column + 16u, s22); store(k, row + 16u, column + 24u, s23);
  store(k, row + 24u, column, s30); store(k, row + 24u, column + 8u, s31);
  store(k, row + 24u, column + 16u, s32); store(k, row + 24u, column + 24u, s33);
}
