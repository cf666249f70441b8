/**
 * What the checksum of a file's raw bytes (Adler-32, RFC 1950) takes of every node, whatever colours they get: it adds up
 * all bytes, and all bytes times how many come from there on to the end.
 */
const MODULUS: u64 = 65521

/** By node: how many pixels it has, and the bytes from each of them on to the end, added up, u64 both. */
let sums: usize = 0

/** Bytes that the sums of so many nodes need. */
export function nodeSumsBytes(nodes: i32): usize {
  return (<usize>nodes) << 4
}

/** Begins with an image of so many nodes; `at` is a place for their sums. */
export function placeNodeSums(at: usize, nodes: i32): void {
  sums = at
  memory.fill(sums, 0, nodeSumsBytes(nodes))
}

/** Counts some pixels of a node that lie side by side; from the first of them on there are so many bytes to the end. */
export function countNodes(node: i32, count: i32, restBytes: i32): void {
  const at = sums + ((<usize>node) << 4)
  const pixels = <u64>count
  store<u64>(at, load<u64>(at) + pixels)
  store<u64>(at, load<u64>(at, 8) + pixels * <u64>restBytes - (3 * pixels * (pixels - 1)) / 2, 8)
}

/** Brings the sums of so many nodes to two u32 each, from the first place on; answers where. */
export function reduceNodeSums(nodes: i32): usize {
  for (let node: usize = 0; node < <usize>nodes; node++) {
    const from = sums + (node << 4)
    const count = <u32>(load<u64>(from) % MODULUS)
    const weight = <u32>(load<u64>(from, 8) % MODULUS)
    store<u32>(sums + (node << 3), count)
    store<u32>(sums + (node << 3), weight, 4)
  }
  return sums
}

/** The checksum of an image of so many raw bytes, by the reduced sums of its nodes and their colours, u32 each. */
export function checksumOfNodes(reduced: usize, colours: usize, nodes: i32, rawBytes: i32): u32 {
  let ofBytes: u64 = 1
  let ofPlaces: u64 = <u64>rawBytes
  for (let node: usize = 0; node < <usize>nodes; node++) {
    const colour = load<u32>(colours + (node << 2))
    const red = <u64>(colour & 255)
    const green = <u64>((colour >> 8) & 255)
    const blue = <u64>((colour >> 16) & 255)
    const count = <u64>load<u32>(reduced + (node << 3))
    const weight = <u64>load<u32>(reduced + (node << 3), 4)
    const all = red + green + blue
    ofBytes += count * all
    // Green and blue lie one and two bytes nearer to the end.
    ofPlaces += weight * all + (MODULUS - count) * (green + 2 * blue)
  }
  return ((<u32>(ofPlaces % MODULUS)) << 16) | (<u32>(ofBytes % MODULUS))
}
