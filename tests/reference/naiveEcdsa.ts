/**
 * The signature predicate once more, from the text alone: affine points, big integers, no library.
 * Slow, and of no use against someone who measures time.
 */
const P = 2n ** 256n - 2n ** 32n - 977n;
const N = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n;
const G = {
  x: 0x79be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798n,
  y: 0x483ada7726a3c4655da4fbfc0e1108a8fd17b448a68554199c47d08ffb10d4b8n,
};

/** An affine point; undefined is the point at infinity. */
type Point = { readonly x: bigint; readonly y: bigint } | undefined;

/** Whether `signature` (`r ‖ s ‖ parity of R`) over the 32-byte digest is by the compressed key. */
export function naiveVerify(
  signature: Uint8Array,
  digest: Uint8Array,
  publicKey: Uint8Array,
): boolean {
  if (signature.length !== 65) return false;
  const r = toInteger(signature.subarray(0, 32));
  const s = toInteger(signature.subarray(32, 64));
  const parity = signature[64];
  if (r === 0n || r >= N || s === 0n || s > N / 2n || parity === undefined || parity > 1) {
    return false;
  }
  const key = readPoint(publicKey);
  if (key === undefined) return false;
  const w = power(s, N - 2n, N);
  const sum = add(multiply(G, (toInteger(digest) * w) % N), multiply(key, (r * w) % N));
  // The parity tells R from its negative only if R.x is r itself, not r plus the order.
  return sum !== undefined && sum.x === r && sum.y % 2n === BigInt(parity);
}

function readPoint(bytes: Uint8Array): Point {
  const [prefix] = bytes;
  if (bytes.length !== 33 || (prefix !== 2 && prefix !== 3)) return undefined;
  const x = toInteger(bytes.subarray(1));
  if (x >= P) return undefined;
  const square = (x ** 3n + 7n) % P;
  const root = power(square, (P + 1n) / 4n, P);
  if ((root * root) % P !== square) return undefined;
  return { x, y: root % 2n === BigInt(prefix - 2) ? root : P - root };
}

function add(a: Point, b: Point): Point {
  if (a === undefined) return b;
  if (b === undefined) return a;
  if (a.x === b.x && (a.y + b.y) % P === 0n) return undefined;
  const slope = a.x === b.x ? 3n * a.x * a.x * invert(2n * a.y) : (b.y - a.y) * invert(b.x - a.x);
  const x = modulo(slope * slope - a.x - b.x);
  return { x, y: modulo(slope * (a.x - x) - a.y) };
}

function multiply(point: Point, times: bigint): Point {
  let sum: Point;
  let doubled = point;
  for (let rest = times; rest > 0n; rest >>= 1n) {
    if (rest % 2n === 1n) sum = add(sum, doubled);
    doubled = add(doubled, doubled);
  }
  return sum;
}

function invert(value: bigint): bigint {
  return power(modulo(value), P - 2n, P);
}

function power(base: bigint, exponent: bigint, of: bigint): bigint {
  let result = 1n;
  let square = base % of;
  for (let rest = exponent; rest > 0n; rest >>= 1n) {
    if (rest % 2n === 1n) result = (result * square) % of;
    square = (square * square) % of;
  }
  return result;
}

function modulo(value: bigint): bigint {
  return ((value % P) + P) % P;
}

function toInteger(bytes: Uint8Array): bigint {
  let value = 0n;
  for (const byte of bytes) value = value * 256n + BigInt(byte);
  return value;
}
