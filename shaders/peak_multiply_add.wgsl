// Measures the arithmetic peak of an adapter, for glocal bench and train.
//
//   x = x * m + q, 12 chains side by side, 8 links per turn of the loop
//
// A single chain would wait for each result. Assigning a `var` in a loop costs software adapters a masked store, so the
// links are `let`, and a turn ends with one assignment per chain.
//
// Layouts  y: one f32 per invocation, so that nothing is optimised away
// Dispatch [workgroups, 1, 1]
// Requires |m| < 1, so that the values stay finite (kernels/peak.ts)

// constants
const WORKGROUP: u32 = 64u;
// end constants

struct Params { turns: u32, m: f32, q: f32 }

@group(0) @binding(0) var<uniform> p: Params;
@group(0) @binding(1) var<storage, read_write> y: array<f32>;

@compute @workgroup_size(WORKGROUP)
fn main(@builtin(global_invocation_id) id: vec3u) {
  let m = p.m;
  let q = p.q;
  let start = f32(id.x & 255u) * q;
  var a = start + 0.0 * q; var b = start + 1.0 * q; var c = start + 2.0 * q; var d = start + 3.0 * q;
  var e = start + 4.0 * q; var f = start + 5.0 * q; var g = start + 6.0 * q; var h = start + 7.0 * q;
  var i = start + 8.0 * q; var j = start + 9.0 * q; var k = start + 10.0 * q; var l = start + 11.0 * q;
  for (var turn = 0u; turn < p.turns; turn++) {
    let a0 = a; let b0 = b; let c0 = c; let d0 = d;
    let e0 = e; let f0 = f; let g0 = g; let h0 = h;
    let i0 = i; let j0 = j; let k0 = k; let l0 = l;
    let a1 = a0 * m + q; let b1 = b0 * m + q; let c1 = c0 * m + q; let d1 = d0 * m + q;
    let e1 = e0 * m + q; let f1 = f0 * m + q; let g1 = g0 * m + q; let h1 = h0 * m + q;
    let i1 = i0 * m + q; let j1 = j0 * m + q; let k1 = k0 * m + q; let l1 = l0 * m + q;
    let a2 = a1 * m + q; let b2 = b1 * m + q; let c2 = c1 * m + q; let d2 = d1 * m + q;
    let e2 = e1 * m + q; let f2 = f1 * m + q; let g2 = g1 * m + q; let h2 = h1 * m + q;
    let i2 = i1 * m + q; let j2 = j1 * m + q; let k2 = k1 * m + q; let l2 = l1 * m + q;
    let a3 = a2 * m + q; let b3 = b2 * m + q; let c3 = c2 * m + q; let d3 = d2 * m + q;
    let e3 = e2 * m + q; let f3 = f2 * m + q; let g3 = g2 * m + q; let h3 = h2 * m + q;
    let i3 = i2 * m + q; let j3 = j2 * m + q; let k3 = k2 * m + q; let l3 = l2 * m + q;
    let a4 = a3 * m + q; let b4 = b3 * m + q; let c4 = c3 * m + q; let d4 = d3 * m + q;
    let e4 = e3 * m + q; let f4 = f3 * m + q; let g4 = g3 * m + q; let h4 = h3 * m + q;
    let i4 = i3 * m + q; let j4 = j3 * m + q; let k4 = k3 * m + q; let l4 = l3 * m + q;
    let a5 = a4 * m + q; let b5 = b4 * m + q; let c5 = c4 * m + q; let d5 = d4 * m + q;
    let e5 = e4 * m + q; let f5 = f4 * m + q; let g5 = g4 * m + q; let h5 = h4 * m + q;
    let i5 = i4 * m + q; let j5 = j4 * m + q; let k5 = k4 * m + q; let l5 = l4 * m + q;
    let a6 = a5 * m + q; let b6 = b5 * m + q; let c6 = c5 * m + q; let d6 = d5 * m + q;
    let e6 = e5 * m + q; let f6 = f5 * m + q; let g6 = g5 * m + q; let h6 = h5 * m + q;
    let i6 = i5 * m + q; let j6 = j5 * m + q; let k6 = k5 * m + q; let l6 = l5 * m + q;
    let a7 = a6 * m + q; let b7 = b6 * m + q; let c7 = c6 * m + q; let d7 = d6 * m + q;
    let e7 = e6 * m + q; let f7 = f6 * m + q; let g7 = g6 * m + q; let h7 = h6 * m + q;
    let i7 = i6 * m + q; let j7 = j6 * m + q; let k7 = k6 * m + q; let l7 = l6 * m + q;
    let a8 = a7 * m + q; let b8 = b7 * m + q; let c8 = c7 * m + q; let d8 = d7 * m + q;
    let e8 = e7 * m + q; let f8 = f7 * m + q; let g8 = g7 * m + q; let h8 = h7 * m + q;
    let i8 = i7 * m + q; let j8 = j7 * m + q; let k8 = k7 * m + q; let l8 = l7 * m + q;
    a = a8; b = b8; c = c8; d = d8;
    e = e8; f = f8; g = g8; h = h8;
    i = i8; j = j8; k = k8; l = l8;
  }
  y[id.x] = a + b + c + d + e + f + g + h + i + j + k + l;
}
