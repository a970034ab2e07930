// Batched matrix product for Winograd, in subgroups.
//
//   c[k][row][column] = sum_i a[k][i][row] . b[k][i][column]
//
//   quad   each of four lanes computes 16 rows x 32 columns of one of 36 products, by row vectors and 4x4 matrices as in
//          conv2d_matrix.wgsl: it loads one column of a matrix and gets the others by quad swaps, so its sums keep the
//          columns in the order l ^ 0, l ^ 1, l ^ 2, l ^ 3
//   eight  8 lanes compute 32 x 32, as in conv2d_subgroup.wgsl: they hold rows while loading a and columns while
//          multiplying
//
// Layouts  a: [36][blocks][rows] vec4, b: [36][blocks][columns] vec4, both over four terms of the sum;
//          c: [36][columns/4][rows] vec4 over columns; *_point: vec4 from one of the 36 to the next
// Dispatch quad [ceil(rows / 64), ceil(columns / 32), 36], eight [rows / 32, ceil(columns / 32), 36]
// Requires quad: quads of lanes in subgroups, rows a multiple of 16; eight: subgroups of exactly 8 lanes, rows a
//          multiple of 32; columns a multiple of 4 (kernels/convolution/winograd-product.ts)

enable subgroups;

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
@group(0) @binding(3) var<storage, read_write> c_numbers: array<f32>;

fn matrix(at: u32) -> mat4x4f {
  let own = b[at];
  return mat4x4f(own, quadSwapX(own), quadSwapY(own), quadSwapDiagonal(own));
}

// The columns of a sum in ascending order.
fn turned(sum: vec4f, lane: u32) -> vec4f {
  let even = select(sum, sum.yxwz, (lane & 1u) != 0u);
  return select(even, even.zwxy, (lane & 2u) != 0u);
}

fn store_eight(at: u32, s: Eight, lane: u32) {
  c[at] = turned(s.r0, lane); c[at + 1u] = turned(s.r1, lane);
  c[at + 2u] = turned(s.r2, lane); c[at + 3u] = turned(s.r3, lane);
  c[at + 4u] = turned(s.r4, lane); c[at + 5u] = turned(s.r5, lane);
  c[at + 6u] = turned(s.r6, lane); c[at + 7u] = turned(s.r7, lane);
}

// Stores sixteen rows of one block of columns.
fn store_block(at: u32, exists: bool, low: Eight, high: Eight, lane: u32) {
  if (!exists) { return; }
  store_eight(at, low, lane);
  store_eight(at + 8u, high, lane);
}

@compute @workgroup_size(4)
fn quad(@builtin(workgroup_id) group: vec3u, @builtin(subgroup_invocation_id) lane: u32) {
  let k = group.z;
  // Lanes past the last row repeat it and store nothing: they must take part in the swaps.
  let own_row = (group.x * 4u + lane) * 16u;
  let row = min(own_row, p.rows - 16u);
  let block = group.y * 8u;
  let last = p.columns / 4u - 1u;

  // s<j><c>: rows 8 j to 8 j + 7, block c of four columns.
  var s00 = Eight(); var s01 = Eight(); var s02 = Eight(); var s03 = Eight();
  var s04 = Eight(); var s05 = Eight(); var s06 = Eight(); var s07 = Eight();
  var s10 = Eight(); var s11 = Eight(); var s12 = Eight(); var s13 = Eight();
  var s14 = Eight(); var s15 = Eight(); var s16 = Eight(); var s17 = Eight();
  for (var i = 0u; i < p.blocks; i++) {
    let a_at = k * p.a_point + i * p.rows + row;
    let b_at = k * p.b_point + i * p.columns + lane;
    let m0 = matrix(b_at + block * 4u);
    let m1 = matrix(b_at + min(block + 1u, last) * 4u);
    let m2 = matrix(b_at + min(block + 2u, last) * 4u);
    let m3 = matrix(b_at + min(block + 3u, last) * 4u);
    let m4 = matrix(b_at + min(block + 4u, last) * 4u);
    let m5 = matrix(b_at + min(block + 5u, last) * 4u);
    let m6 = matrix(b_at + min(block + 6u, last) * 4u);
    let m7 = matrix(b_at + min(block + 7u, last) * 4u);
    let x0 = rows_of(a_at);
    s00 = accumulate(s00, x0, m0); s01 = accumulate(s01, x0, m1);
    s02 = accumulate(s02, x0, m2); s03 = accumulate(s03, x0, m3);
    s04 = accumulate(s04, x0, m4); s05 = accumulate(s05, x0, m5);
    s06 = accumulate(s06, x0, m6); s07 = accumulate(s07, x0, m7);
    let x1 = rows_of(a_at + 8u);
    s10 = accumulate(s10, x1, m0); s11 = accumulate(s11, x1, m1);
    s12 = accumulate(s12, x1, m2); s13 = accumulate(s13, x1, m3);
    s14 = accumulate(s14, x1, m4); s15 = accumulate(s15, x1, m5);
    s16 = accumulate(s16, x1, m6); s17 = accumulate(s17, x1, m7);
  }

  let used = own_row < p.rows;
  let at = k * p.c_point + block * p.rows + row;
  store_block(at, used, s00, s10, lane);
  store_block(at + p.rows, used & (block + 1u <= last), s01, s11, lane);
  store_block(at + 2u * p.rows, used & (block + 2u <= last), s02, s12, lane);
  store_block(at + 3u * p.rows, used & (block + 3u <= last), s03, s13, lane);
  store_block(at + 4u * p.rows, used & (block + 4u <= last), s04, s14, lane);
  store_block(at + 5u * p.rows, used & (block + 5u <= last), s05, s15, lane);
  store_block(at + 6u * p.rows, used & (block + 6u <= last), s06, s16, lane);
  store_block(at + 7u * p.rows, used & (block + 7u <= last), s07, s17, lane);
}

// Eight rows of a, each loaded by one lane, in every lane.
fn spread_rows(own: vec4f) -> Eight {
  return Eight(
    subgroupBroadcast(own, 0u), subgroupBroadcast(own, 1u), subgroupBroadcast(own, 2u), subgroupBroadcast(own, 3u),
    subgroupBroadcast(own, 4u), subgroupBroadcast(own, 5u), subgroupBroadcast(own, 6u), subgroupBroadcast(own, 7u));
}

// The products of the lane's column with eight rows: part of a column of one of the 36 products.
struct Column { low: vec4f, high: vec4f }

fn accumulate_column(sum: Column, r: Eight, column: vec4f) -> Column {
  return Column(
    sum.low + vec4f(dot(r.r0, column), dot(r.r1, column), dot(r.r2, column), dot(r.r3, column)),
    sum.high + vec4f(dot(r.r4, column), dot(r.r5, column), dot(r.r6, column), dot(r.r7, column)));
}

fn store_column(k: u32, row: u32, column: u32, sum: Column) {
  if (column >= p.columns) { return; }
  var values = array<f32, 8>(
    sum.low.x, sum.low.y, sum.low.z, sum.low.w, sum.high.x, sum.high.y, sum.high.z, sum.high.w);
  let at = (k * p.c_point + column / 4u * p.rows + row) * 4u + column % 4u;
  // A bound unknown at compile time keeps the loop rolled, which halves the time to compile.
  let count = min(8u, p.rows - row);
  for (var r = 0u; r < count; r++) { c_numbers[at + r * 4u] = values[r]; }
}

fn store(k: u32, row: u32, column: u32, s0: Column, s1: Column, s2: Column, s3: Column) {
  store_column(k, row, column, s0);
  store_column(k, row, column + 8u, s1);
  store_column(k, row, column + 16u, s2);
  store_column(k, row, column + 24u, s3);
}

@compute @workgroup_size(8)
fn eight(@builtin(workgroup_id) group: vec3u, @builtin(subgroup_invocation_id) lane: u32) {
  let k = group.z;
  let row = group.x * 32u;
  let column = group.y * 32u + lane;
  let last = p.columns - 1u;
  let column0 = min(column, last);
  let column1 = min(column + 8u, last);
  let column2 = min(column + 16u, last);
  let column3 = min(column + 24u, last);

  // s<j><c>: rows 8 j to 8 j + 7, column 8 c + lane.
  var s00 = Column(); var s01 = Column(); var s02 = Column(); var s03 = Column();
  var s10 = Column(); var s11 = Column(); var s12 = Column(); var s13 = Column();
  var s20 = Column(); var s21 = Column(); var s22 = Column(); var s23 = Column();
  var s30 = Column(); var s31 = Column(); var s32 = Column(); var s33 = Column();
  for (var i = 0u; i < p.blocks; i++) {
    let a_at = k * p.a_point + i * p.rows + row + lane;
    let b_at = k * p.b_point + i * p.columns;
    let b0 = b[b_at + column0];
    let b1 = b[b_at + column1];
    let b2 = b[b_at + column2];
    let b3 = b[b_at + column3];
    let r0 = spread_rows(a[a_at]);
    s00 = accumulate_column(s00, r0, b0); s01 = accumulate_column(s01, r0, b1);
    s02 = accumulate_column(s02, r0, b2); s03 = accumulate_column(s03, r0, b3);
    let r1 = spread_rows(a[a_at + 8u]);
    s10 = accumulate_column(s10, r1, b0); s11 = accumulate_column(s11, r1, b1);
    s12 = accumulate_column(s12, r1, b2); s13 = accumulate_column(s13, r1, b3);
    let r2 = spread_rows(a[a_at + 16u]);
    s20 = accumulate_column(s20, r2, b0); s21 = accumulate_column(s21, r2, b1);
    s22 = accumulate_column(s22, r2, b2); s23 = accumulate_column(s23, r2, b3);
    let r3 = spread_rows(a[a_at + 24u]);
    s30 = accumulate_column(s30, r3, b0); s31 = accumulate_column(s31, r3, b1);
    s32 = accumulate_column(s32, r3, b2); s33 = accumulate_column(s33, r3, b3);
  }

  store(k, row, column, s00, s01, s02, s03);
  store(k, row + 8u, column, s10, s11, s12, s13);
  store(k, row + 16u, column, s20, s21, s22, s23);
  store(k, row + 24u, column, s30, s31, s32, s33);
}
