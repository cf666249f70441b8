/** OKLab of 8-bit colours by the tables of `src/threads/colour/lab-table.ts`, which are filled from there. */

const FRACTION_BITS: i32 = 12
const CUBE_ROOTS: i32 = (1 << 14) + 2

/** Cube roots, f32. */
export const cubeRoots: usize = memory.data(CUBE_ROOTS * 4, 16)
/** Light of each byte of red, then of green, then of blue: in l, m and s, and nothing, i32 each. */
export const lights: usize = memory.data(3 * 256 * 16, 16)

/** Weights of the cube roots of l, m and s in OKLab's parts, f32, and nothing. */
const weights: usize = memory.data<f32>(
  [
    0.2104542553, 1.9779984951, 0.0259040371, 0, 0.793617785, -2.428592205, 0.7827717662, 0, -0.0040720468,
    0.4505937099, -0.808675766, 0,
  ],
  16,
)

/** OKLab of the colour that {@link setLab} was given last, three f32 and nothing. */
export const ownLab: usize = memory.data(16, 16)

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

/** Sets {@link ownLab} to that of a `0xRRGGBB` colour. */
export function setLab(colour: i32): void {
  const light = lightOf(colour >> 16, (colour >> 8) & 255, colour & 255)
  const l = v128.load32_splat(cubeRoots + ((<usize>i32x4.extract_lane(light, 0)) << 2))
  const m = v128.load32_splat(cubeRoots + ((<usize>i32x4.extract_lane(light, 1)) << 2))
  const s = v128.load32_splat(cubeRoots + ((<usize>i32x4.extract_lane(light, 2)) << 2))
  const ofLAndM = f32x4.add(f32x4.mul(l, v128.load(weights)), f32x4.mul(m, v128.load(weights, 16)))
  v128.store(ownLab, f32x4.add(ofLAndM, f32x4.mul(s, v128.load(weights, 32))))
}

/** The lightness of {@link ownLab}. */
export function ownLightness(): f64 {
  return <f64>load<f32>(ownLab)
}

/** The lightness alone. */
export function lightnessOf(red: i32, green: i32, blue: i32): f64 {
  const light = lightOf(red, green, blue)
  const l = cubeRoot(i32x4.extract_lane(light, 0))
  const m = cubeRoot(i32x4.extract_lane(light, 1))
  const s = cubeRoot(i32x4.extract_lane(light, 2))
  return 0.2104542553 * l + 0.793617785 * m - 0.0040720468 * s
}
