/** OKLab of 8-bit colours by the tables of `src/threads/colour/lab-table.ts`, which are filled from there. */

const FRACTION_BITS: i32 = 12
const CUBE_ROOTS: i32 = (1 << 14) + 2

/** Cube roots, f32. */
export const cubeRoots: usize = memory.data(CUBE_ROOTS * 4, 16)
/** Light of each byte of red, then of green, then of blue: in l, m and s, and nothing, i32 each. */
export const lights: usize = memory.data(3 * 256 * 16, 16)

/** What {@link setLab} and {@link setLightness} have found. */
export let labL: f64 = 0
export let labA: f64 = 0
export let labB: f64 = 0

/** Steps of the light of a colour in l, m and s. */
function lightOf(red: i32, green: i32, blue: i32): v128 {
  const ofRed = v128.load(lights + ((<usize>red) << 4))
  const ofGreen = v128.load(lights + ((<usize>green) << 4), 256 * 16)
  const ofBlue = v128.load(lights + ((<usize>blue) << 4), 2 * 256 * 16)
  return i32x4.shr_s(i32x4.add(i32x4.add(ofRed, ofGreen), ofBlue), FRACTION_BITS)
}

function cubeRoot(step: i32): f64 {
  return <f64>load<f32>(cubeRoots + ((<usize>step) << 2))
}

/** Sets {@link labL}, {@link labA} and {@link labB} to those of a `0xRRGGBB` colour. */
export function setLab(colour: i32): void {
  const red = colour >> 16
  const green = (colour >> 8) & 255
  const blue = colour & 255
  const light = lightOf(red, green, blue)
  const l = cubeRoot(i32x4.extract_lane(light, 0))
  const m = cubeRoot(i32x4.extract_lane(light, 1))
  const s = cubeRoot(i32x4.extract_lane(light, 2))
  labL = 0.2104542553 * l + 0.793617785 * m - 0.0040720468 * s
  labA = 1.9779984951 * l - 2.428592205 * m + 0.4505937099 * s
  labB = 0.0259040371 * l + 0.7827717662 * m - 0.808675766 * s
}

/** The lightness alone. */
export function lightnessOf(red: i32, green: i32, blue: i32): f64 {
  const light = lightOf(red, green, blue)
  const l = cubeRoot(i32x4.extract_lane(light, 0))
  const m = cubeRoot(i32x4.extract_lane(light, 1))
  const s = cubeRoot(i32x4.extract_lane(light, 2))
  return 0.2104542553 * l + 0.793617785 * m - 0.0040720468 * s
}
