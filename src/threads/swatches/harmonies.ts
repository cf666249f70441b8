/** One colour of a harmony, relative to the image's leading hue. */
export type HarmonyTone = {
  /** Degrees round the hue circle from the leading hue. */
  readonly turn: number
  /** OKLCH lightness, 0 to 1. */
  readonly lightness: number
  /** OKLCH chroma as a share of the leading colour's. */
  readonly chroma: number
}

/** A rule of colour theory for five colours. */
export type Harmony = {
  readonly title: string
  readonly description: string
  /** In the order of roles: primary, secondary, accent, background, highlight. */
  readonly tones: readonly [HarmonyTone, HarmonyTone, HarmonyTone, HarmonyTone, HarmonyTone]
}

const tone = (turn: number, lightness: number, chroma: number): HarmonyTone => ({ turn, lightness, chroma })

/** Fifteen harmonies, those that suit most images first. */
export const harmonies: readonly Harmony[] = [
  {
    title: 'Complement',
    description: 'the leading hue against its opposite, on a light ground',
    tones: [
      tone(0, 0.46, 1),
      tone(0, 0.68, 0.8),
      tone(180, 0.66, 1),
      tone(0, 0.975, 0.06),
      tone(180, 0.82, 0.6),
    ],
  },
  {
    title: 'Neighbours',
    description: 'three neighbouring hues on a light ground',
    tones: [
      tone(0, 0.48, 1),
      tone(35, 0.64, 1),
      tone(-35, 0.56, 1),
      tone(15, 0.97, 0.07),
      tone(60, 0.83, 0.7),
    ],
  },
  {
    title: 'Triad',
    description: 'three hues at equal distances on a light ground',
    tones: [
      tone(0, 0.45, 1),
      tone(120, 0.6, 1),
      tone(240, 0.68, 1),
      tone(0, 0.98, 0.03),
      tone(120, 0.84, 0.6),
    ],
  },
  {
    title: 'Complement by Night',
    description: 'the leading hue against its opposite, on a dark ground',
    tones: [
      tone(0, 0.74, 1),
      tone(0, 0.56, 0.9),
      tone(180, 0.8, 0.9),
      tone(0, 0.2, 0.3),
      tone(180, 0.92, 0.4),
    ],
  },
  {
    title: 'Split Complement',
    description: 'the leading hue and the two beside its opposite, on a light ground',
    tones: [
      tone(0, 0.43, 1),
      tone(150, 0.62, 1),
      tone(210, 0.7, 0.9),
      tone(0, 0.965, 0.1),
      tone(0, 0.8, 0.6),
    ],
  },
  {
    title: 'Single Hue',
    description: 'one hue from dark to light, on a light ground',
    tones: [
      tone(0, 0.36, 0.9),
      tone(0, 0.53, 1),
      tone(0, 0.67, 0.9),
      tone(0, 0.96, 0.12),
      tone(0, 0.81, 0.6),
    ],
  },
  {
    title: 'Neighbours by Night',
    description: 'three neighbouring hues on a dark ground',
    tones: [tone(0, 0.76, 1), tone(35, 0.62, 1), tone(-35, 0.68, 1), tone(0, 0.23, 0.35), tone(60, 0.9, 0.6)],
  },
  {
    title: 'Four Corners',
    description: 'four hues at right angles on a light ground',
    tones: [
      tone(0, 0.47, 1),
      tone(90, 0.63, 1),
      tone(180, 0.57, 1),
      tone(0, 0.985, 0.02),
      tone(270, 0.76, 0.8),
    ],
  },
  {
    title: 'Triad by Night',
    description: 'three hues at equal distances on a dark ground',
    tones: [tone(0, 0.75, 1), tone(120, 0.64, 1), tone(240, 0.7, 1), tone(0, 0.18, 0.2), tone(120, 0.9, 0.5)],
  },
  {
    title: 'Soft Neighbours',
    description: 'quiet neighbouring hues on a pale ground',
    tones: [
      tone(0, 0.5, 0.5),
      tone(30, 0.73, 0.45),
      tone(-30, 0.65, 0.45),
      tone(0, 0.95, 0.15),
      tone(50, 0.84, 0.4),
    ],
  },
  {
    title: 'Subdued',
    description: 'quiet tones beside the leading hue with its opposite, on a pale ground',
    tones: [
      tone(0, 0.4, 0.55),
      tone(25, 0.58, 0.5),
      tone(180, 0.52, 0.4),
      tone(45, 0.94, 0.2),
      tone(45, 0.77, 0.5),
    ],
  },
  {
    title: 'Split Complement by Night',
    description: 'the leading hue and the two beside its opposite, on a dark ground',
    tones: [
      tone(0, 0.73, 1),
      tone(150, 0.65, 1),
      tone(210, 0.78, 0.8),
      tone(0, 0.25, 0.25),
      tone(0, 0.91, 0.45),
    ],
  },
  {
    title: 'Single Hue by Night',
    description: 'one hue from light to dark, on a dark ground',
    tones: [tone(0, 0.82, 0.7), tone(0, 0.66, 1), tone(0, 0.52, 1), tone(0, 0.21, 0.4), tone(0, 0.93, 0.35)],
  },
  {
    title: 'Neutral with Accent',
    description: 'greys with the leading hue as the only colour',
    tones: [
      tone(0, 0.33, 0.06),
      tone(0, 0.55, 0.08),
      tone(0, 0.6, 1.1),
      tone(0, 0.97, 0.01),
      tone(0, 0.8, 0.1),
    ],
  },
  {
    title: 'Neon',
    description: 'the strongest colours of four hues on near black',
    tones: [
      tone(0, 0.78, 1.6),
      tone(90, 0.72, 1.6),
      tone(180, 0.66, 1.6),
      tone(0, 0.15, 0.15),
      tone(270, 0.86, 1.2),
    ],
  },
]
