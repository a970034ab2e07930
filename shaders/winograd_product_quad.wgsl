// Batched matrix product for Winograd: each of four lanes makes 16 rows x 32 columns of one of 36 products.
//
//   c[k][row][column] = sum_i a[k][i][row] . b[k][i][column]
//
// Idea     as in conv2d_matrix.wgsl: products as row vector x 4x4 matrix; each lane loads one column of it and swaps
//          for the other three, so that its sums hold the columns in the order l ^ 0, l ^ 1, l ^ 2, l ^ 3
// Layouts  a: [36][blocks][rows] vec4, b: [36][blocks][columns] vec4, both over four terms of the sum;
//          c: [36][columns/4][rows] vec4 over columns; *_point: vec4 from one of the 36 to the next
// Dispatch [ceil(rows / 64), ceil(columns / 32), 36]
// Requires quads of lanes in subgroups; rows a multiple of 16, columns of 4 (kernels/convolution/families/winograd.ts)

enable subgroups;

struct Params { blocks: u32, rows: u32, columns: u32, a_point: u32, b_point: u32, c_point: u32 }

@group(0) @binding(0) var<uniform> p: Params;
@group(0) @binding(1) var<storage, read> a: array<vec4f>;
@group(0) @binding(2) var<storage, read> b: array<vec4f>;
@group(0) @binding(3) var<storage, read_write> c: array<vec4f>;

struct Eight { r0: vec4f, r1: vec4f, r2: vec4f, r3: vec4f, r4: vec4f, r5: vec4f, r6: vec4f, r7: vec4f }

fn rows_of(at: u32) -> Eight {
  return Eight(a[at], a[at + 1u], a[at + 2u], a[at + 3u], a[at + 4u], a[at + 5u], a[at + 6u], a[at + 7u]);
}

fn matrix(at: u32) -> mat4x4f {
  let own = b[at];
  return mat4x4f(own, quadSwapX(own), quadSwapY(own), quadSwapDiagonal(own));
}

fn accumulate(s: Eight, x: Eight, m: mat4x4f) -> Eight {
  return Eight(
    s.r0 + x.r0 * m, s.r1 + x.r1 * m, s.r2 + x.r2 * m, s.r3 + x.r3 * m,
    s.r4 + x.r4 * m, s.r5 + x.r5 * m, s.r6 + x.r6 * m, s.r7 + x.r7 * m);
}

// The columns in their own order.
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

// Sixteen rows of one block of columns.
fn store(at: u32, exists: bool, low: Eight, high: Eight, lane: u32) {
  if (!exists) { return; }
  store_eight(at, low, lane);
  store_eight(at + 8u, high, lane);
}

@compute @workgroup_size(4)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(subgroup_invocation_id) lane: u32) {
  let k = group.z;
  // Lanes beyond the last row repeat it and do not store, as they have to take part in the swaps.
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
  store(at, used, s00, s10, lane);
  store(at + p.rows, used & (block + 1u <= last), s01, s11, lane);
  store(at + 2u * p.rows, used & (block + 2u <= last), s02, s12, lane);
  store(at + 3u * p.rows, used & (block + 3u <= last), s03, s13, lane);
  store(at + 4u * p.rows, used & (block + 4u <= last), s04, s14, lane);
  store(at + 5u * p.rows, used & (block + 5u <= last), s05, s15, lane);
  store(at + 6u * p.rows, used & (block + 6u <= last), s06, s16, lane);
  store(at + 7u * p.rows, used & (block + 7u <= last), s07, s17, lane);
}
