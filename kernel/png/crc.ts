/** The checksum of PNG's chunks (CRC-32, ISO 3309), four bytes at a time. */

/** What each byte does to it, u32, and the same with one, two and three bytes behind it. */
const tables: usize = memory.data(4 * 256 * 4, 16)
const POLYNOMIAL: u32 = 0xedb88320

function fillTables(): void {
  for (let byte = 0; byte < 256; byte++) {
    let crc = <u32>byte
    for (let bit = 0; bit < 8; bit++) crc = (crc >> 1) ^ ((crc & 1) != 0 ? POLYNOMIAL : 0)
    store<u32>(tables + ((<usize>byte) << 2), crc)
  }
  for (let place = 256; place < 4 * 256; place++) {
    const crc = entry(place - 256)
    store<u32>(tables + ((<usize>place) << 2), (crc >> 8) ^ entry(<i32>(crc & 255)))
  }
}

function entry(place: i32): u32 {
  return load<u32>(tables + ((<usize>place) << 2))
}

/** Goes on with some bytes; begins with 0. */
export function crcOf(before: u32, at: usize, bytes: i32): u32 {
  let crc = ~before
  let from = at
  const end = at + <usize>bytes
  for (; from + 4 <= end; from += 4) {
    const word = crc ^ load<u32>(from)
    crc =
      entry(768 + <i32>(word & 255)) ^
      entry(512 + <i32>((word >> 8) & 255)) ^
      entry(256 + <i32>((word >> 16) & 255)) ^
      entry(<i32>(word >> 24))
  }
  for (; from < end; from++) crc = (crc >> 8) ^ entry(<i32>((crc ^ (<u32>load<u8>(from))) & 255))
  return ~crc
}

fillTables()
