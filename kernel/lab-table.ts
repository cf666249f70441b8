/** OKLab of 8-bit colours by the tables of `src/threads/colour/lab-table.ts`, which are filled from there. */

const FRACTION_BITS: i32 = 12
const CUBE_ROOTS: i32 = (1 << 14) + 2

/** Cube roots, f32. */
export const cubeRoots: usize = memory.data(CUBE_ROOTS * 4, 16)
/** Light of each byte in l, m and s: red, green, blue of l, then of m, then of s; 256 i32 each. */
export const lights: usize = memory.data(9 * 256 * 4, 16)

/** What {@link setLab} and {@link setLightness} have found. */
export let labL: f64 = 0
export let labA: f64 = 0
export let labB: f64 = 0

function cubeRoot(red: i32, green: i32, blue: i32, part: usize): f64 {
  const table = lights + part * (3 * 256 * 4)
  const light =
    load<i32>(table + ((<usize>red) << 2)) +
    load<i32>(table + ((<usize>green) << 2), 256 * 4) +
    load<i32>(table + ((<usize>blue) << 2), 2 * 256 * 4)
  return <f64>load<f32>(cubeRoots + ((<usize>(light >> FRACTION_BITS)) << 2))
}

/** Sets {@link labL}, {@link labA} and {@link labB} to those of a `0xRRGGBB` colour. */
export function setLab(colour: i32): void {
  const red = colour >> 16
  const green = (colour >> 8) & 255
  const blue = colour & 255
  const l = cubeRoot(red, green, blue, 0)
  const m = cubeRoot(red, green, blue, 1)
  const s = cubeRoot(red, green, blue, 2)
  labL = 0.2104542553 * l + 0.793617785 * m - 0.0040720468 * s
  labA = 1.9779984951 * l - 2.428592205 * m + 0.4505937099 * s
  labB = 0.0259040371 * l + 0.7827717662 * m - 0.808675766 * s
}

/** The lightness alone. */
export function lightnessOf(red: i32, green: i32, blue: i32): f64 {
  const l = cubeRoot(red, green, blue, 0)
  const m = cubeRoot(red, green, blue, 1)
  const s = cubeRoot(red, green, blue, 2)
  return 0.2104542553 * l + 0.793617785 * m - 0.0040720468 * s
}
