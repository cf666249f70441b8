import type { HexColor } from '../../../../threads/protocol.ts'

/** Colours that have a hue, by name. */
export const HUES: ReadonlyMap<string, HexColor> = new Map<string, HexColor>([
  ['red', '#DC2F3C'],
  ['crimson', '#B91C3A'],
  ['scarlet', '#E0301E'],
  ['ruby', '#B3123F'],
  ['burgundy', '#7A1F35'],
  ['maroon', '#6E1A28'],
  ['coral', '#FA7B62'],
  ['salmon', '#F4907E'],
  ['terracotta', '#C8603F'],
  ['rust', '#A9471F'],
  ['orange', '#F47B20'],
  ['amber', '#F5A30B'],
  ['peach', '#FBB184'],
  ['apricot', '#F9A65A'],
  ['copper', '#B56A3A'],
  ['bronze', '#A3713A'],
  ['brown', '#7B4B2E'],
  ['chocolate', '#5C3420'],
  ['gold', '#D4A017'],
  ['golden', '#DDA51B'],
  ['mustard', '#D2A12B'],
  ['yellow', '#F7CB15'],
  ['lemon', '#F6DF3E'],
  ['lime', '#8CCB2B'],
  ['olive', '#7C8034'],
  ['sage', '#8BA583'],
  ['green', '#2E9E4F'],
  ['emerald', '#0F9D64'],
  ['mint', '#58CFA4'],
  ['jade', '#12A07C'],
  ['teal', '#0D8F8B'],
  ['turquoise', '#22BFB5'],
  ['aqua', '#2CC5D6'],
  ['cyan', '#13B9D8'],
  ['azure', '#2B8FEA'],
  ['blue', '#2463D8'],
  ['cobalt', '#1C4FB8'],
  ['sapphire', '#1A4FA3'],
  ['navy', '#16305C'],
  ['indigo', '#4438B5'],
  ['violet', '#7540D0'],
  ['purple', '#7A34B8'],
  ['lavender', '#A68FE0'],
  ['lilac', '#BC97DC'],
  ['plum', '#7B3567'],
  ['magenta', '#D12A9C'],
  ['fuchsia', '#D934B4'],
  ['pink', '#EC5E9C'],
  ['rose', '#E2587B'],
  ['blush', '#EFA3A6'],
])

/** Colours without a hue worth speaking of, by name. */
export const NEUTRALS: ReadonlyMap<string, HexColor> = new Map<string, HexColor>([
  ['black', '#15161A'],
  ['charcoal', '#33373E'],
  ['grey', '#868B94'],
  ['gray', '#868B94'],
  ['graphite', '#4A4E57'],
  ['slate', '#566273'],
  ['silver', '#B4BBC5'],
  ['white', '#FFFFFF'],
  ['ivory', '#FBF7EA'],
  ['cream', '#FBF1DC'],
  ['beige', '#EADDC3'],
  ['sand', '#E4CFA6'],
])

/** How strong and how light colours shall be. */
export type Tone = 'plain' | 'pastel' | 'neon' | 'muted' | 'vivid' | 'mono'

export const TONES: ReadonlyMap<string, Tone> = wordMap<Tone>({
  pastel: 'pastel soft gentle delicate baby calm airy dreamy candyfloss',
  neon: 'neon cyberpunk cyber synthwave vaporwave electric fluorescent glowing rave arcade',
  muted: 'muted vintage retro earthy rustic faded antique weathered dusty nordic subdued',
  vivid: 'vivid bright vibrant bold colorful colourful playful fun energetic saturated lively pop',
  mono: 'mono monochrome monochromatic greyscale grayscale colorless colourless',
})

/** Words that ask for a dark background. */
export const DARK_WORDS: ReadonlySet<string> = new Set(
  'dark night midnight noir gothic neon cyberpunk synthwave vaporwave space galaxy cosmic stealth moody'.split(
    ' ',
  ),
)

/** Colours of a theme: the main one, a second one, an accent. */
export type ThemeColors = readonly [HexColor, HexColor, HexColor]

const themes: readonly (readonly [words: string, colors: ThemeColors])[] = [
  ['ocean sea marine nautical aquatic coastal surf', ['#0B5C97', '#1FA6B8', '#F6B84B']],
  ['water lake river aqua clean fresh hydration', ['#1583C7', '#36B9CC', '#8FDCE8']],
  ['forest woodland jungle evergreen wilderness', ['#22694A', '#7FA650', '#E0A93B']],
  [
    'nature natural eco organic botanical garden plant leafy environment sustainable',
    ['#3A8E4B', '#8DBB4F', '#F0B93F'],
  ],
  ['sunset dusk evening', ['#F0633F', '#8E3B8A', '#FBB63C']],
  ['sunrise dawn morning sunny', ['#F58A3C', '#F2577A', '#FFD05A']],
  ['fire flame hot spicy lava', ['#E5432A', '#F5842B', '#FFC23D']],
  ['retro vintage seventies 70s classic nostalgic', ['#C9512F', '#2F6F73', '#E9B44C']],
  ['luxury luxurious premium elegant royal opulent exclusive art-deco', ['#B98A2E', '#1F2A44', '#E5C676']],
  ['playful fun kids toy joyful happy cheerful', ['#F2545B', '#2E9CCA', '#FFC93C']],
  ['candy sweet bubblegum sugary', ['#EF5D94', '#7ACBE0', '#FFD166']],
  ['tech technology digital futuristic future cyber software startup', ['#2A5BE0', '#7B4DE8', '#19C9C2']],
  [
    'corporate business finance financial bank legal trust trustworthy reliable',
    ['#1D4F91', '#5B87B8', '#E0A83B'],
  ],
  ['medical health healthcare clinic wellness medicine', ['#0E9A92', '#3C8FD0', '#F2847A']],
  ['coffee cafe mocha espresso roastery', ['#6B4128', '#B97F4B', '#E8B25E']],
  ['earth earthy terracotta clay rustic soil', ['#A4582F', '#6F7B43', '#E0B36A']],
  ['desert western sand canyon', ['#C9683A', '#E0A75E', '#3E7C83']],
  ['autumn fall harvest thanksgiving', ['#BF4E1F', '#8A6A1F', '#EFAF3A']],
  ['winter ice arctic frost cold snowy', ['#2C6FBF', '#78B6E8', '#B9E2F5']],
  ['spring blossom floral bloom', ['#E0649A', '#6FB557', '#F9C94E']],
  ['summer tropical beach vacation paradise', ['#10A5A0', '#FF7F50', '#FFD23F']],
  ['night midnight moonlit nocturnal', ['#5D66E0', '#9A7BEA', '#FAD46B']],
  ['space galaxy cosmic universe stellar', ['#6A4FE3', '#E0559C', '#4FD0F0']],
  ['neon cyberpunk synthwave vaporwave arcade electric', ['#F72F9C', '#7A3CF5', '#2DE2F0']],
  ['berry wine grape fruity', ['#8E2357', '#C7456F', '#F2A65A']],
  ['citrus lemonade juicy zesty', ['#F3941F', '#9CBF2B', '#F9D648']],
  ['lavender dreamy magical fantasy mystic magic', ['#7F63CF', '#C78BD8', '#F9CB6A']],
  ['nordic scandinavian minimal minimalist minimalistic', ['#2F4A5F', '#8DA5AE', '#E39A6B']],
  ['industrial mechanical steel metal machine', ['#3C5468', '#8A99A6', '#F08A32']],
  ['zen spa calm peaceful meditation serene tranquil', ['#4E8F86', '#A6C3A4', '#EBC08D']],
  ['energy sport sporty dynamic power fitness athletic', ['#E63E36', '#22345C', '#F9B52E']],
  ['romantic love wedding valentine', ['#D6486F', '#F0A0A8', '#E4B363']],
  ['gothic noir horror vampire', ['#B0183A', '#4B3A55', '#C9B8A8']],
  ['christmas festive holiday', ['#C62F34', '#1F7A4D', '#E8B84A']],
  ['halloween spooky', ['#F0761E', '#5B3A8E', '#9BC53D']],
  ['patriotic american usa', ['#2A4B9B', '#C8313E', '#E9EDF4']],
]

export const THEMES: ReadonlyMap<string, ThemeColors> = new Map(
  themes.flatMap(([words, colors]) => words.split(' ').map((word) => [word, colors] as const)),
)

/** A map from every word of the lists to the list's key. */
function wordMap<T extends string>(lists: Partial<Record<T, string>>): Map<string, T> {
  return new Map(
    (Object.entries(lists) as [T, string][]).flatMap(([key, words]) =>
      words.split(' ').map((word) => [word, key] as const),
    ),
  )
}
