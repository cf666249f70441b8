import { deflateSync, gzipSync } from 'node:zlib'
import sharp from 'sharp'
import { buildPng, pixelBomb, pngChunk, withChunks } from './png-file.ts'

const WIDTH = 64
const HEIGHT = 48

/** What a polyglot carries beside its picture; nothing that the worker makes of one may hold it. */
export const SMUGGLED = '<script>alert("smuggled")</script>'

const UNSUPPORTED = 'the image must be a PNG, JPEG or WebP file'
const DAMAGED = 'the image is damaged or incomplete'
const TOO_LONG = 'at most 16384 pixels a side'
const TOO_MANY = 'at most 32000000 pixels'

export type HostileImage = {
  readonly name: string
  readonly bytes: Buffer
  /** What the refusal says; null for a file that is only odd, and is taken as the picture that it shows. */
  readonly refusal: string | null
}

/** Files that a user or a model may send to do harm or by mistake. None of them needs a loader of sharp to be made. */
export async function hostileImages(): Promise<readonly HostileImage[]> {
  const raw = sharp(square(), { raw: { width: WIDTH, height: HEIGHT, channels: 3 } })
  const [png, jpeg, webp, progressive] = await Promise.all([
    raw.clone().png().toBuffer(),
    raw.clone().jpeg({ quality: 95 }).toBuffer(),
    raw.clone().webp({ quality: 95 }).toBuffer(),
    raw.clone().jpeg({ progressive: true }).toBuffer(),
  ])
  const frames = sharp(Buffer.concat([square(), square()]), {
    raw: { width: WIDTH, height: HEIGHT * 2, channels: 3, pageHeight: HEIGHT },
  })
  const deep = Uint16Array.from(square(), (value) => value * 257)
  const svg = Buffer.from(
    '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><image href="file:///etc/passwd"/></svg>',
  )
  const refused = (name: string, bytes: Buffer, refusal: string) => ({ name, bytes, refusal })
  const odd = (name: string, bytes: Buffer) => ({ name, bytes, refusal: null })
  return [
    refused('a PNG that declares 60000x60000', buildPng(60_000, 60_000), TOO_LONG),
    refused('a JPEG that declares 65500x65500', declaring(jpeg, 65_500), TOO_LONG),
    refused('a WebP that declares 16383x16383', losslessWebpHeader(), TOO_MANY),
    refused('a 1-bit PNG of 16000x16000', pixelBomb(), TOO_MANY),
    refused('a PNG of 1x200000', buildPng(1, 200_000), TOO_LONG),
    refused('a PNG of 200000x1', buildPng(200_000, 1), TOO_LONG),
    refused('a PNG of 0x0', buildPng(0, 0), DAMAGED),
    refused('half a PNG', png.subarray(0, png.length / 2), DAMAGED),
    refused('half a JPEG', jpeg.subarray(0, jpeg.length / 2), DAMAGED),
    refused('half a WebP', webp.subarray(0, webp.length / 2), DAMAGED),
    refused('a JPEG of 5,000 scans', withScans(progressive, 5_000), DAMAGED),
    refused('an SVG that names a file', svg, UNSUPPORTED),
    refused('an SVG in gzip', gzipSync(svg), UNSUPPORTED),
    refused('an animated GIF', await frames.clone().gif().toBuffer(), UNSUPPORTED),
    refused('a GIF with a PNG behind its name', Buffer.concat([Buffer.from('GIF89a'), png]), UNSUPPORTED),
    refused('a PDF with a PNG in it', Buffer.concat([Buffer.from('%PDF-1.7\n'), png]), UNSUPPORTED),
    refused('an SVG behind the name of a PNG', Buffer.concat([png.subarray(0, 8), svg]), DAMAGED),
    refused('an SVG behind the name of a WebP', riff(svg), DAMAGED),
    refused('HTML behind the name of a JPEG', Buffer.concat([jpeg.subarray(0, 4), svg]), DAMAGED),
    odd('an animated WebP', await frames.clone().webp().toBuffer()),
    odd('an animated PNG', animated(png)),
    odd('a CMYK JPEG', await raw.clone().toColourspace('cmyk').jpeg().toBuffer()),
    odd(
      'a PNG of 16 bits',
      await sharp(deep, { raw: { width: WIDTH, height: HEIGHT, channels: 3 } })
        .toColourspace('rgb16')
        .png()
        .toBuffer(),
    ),
    odd('a JPEG with 6 MB of EXIF', withSegments(jpeg, 0xe1, 'Exif\0\0', 100)),
    odd('a PNG with 6 MB of EXIF', withChunks(png, pngChunk('eXIf', Buffer.alloc(6_000_000, 'MM\0*')))),
    odd('a JPEG with 16 MB of colour profile', withSegments(jpeg, 0xe2, 'ICC_PROFILE\0', 255)),
    odd('a PNG with a bomb for a colour profile', withChunks(png, packedChunk('iCCP', 'a\0\0'))),
    odd('a PNG with a bomb for a text', withChunks(png, packedChunk('zTXt', 'a\0\0'))),
    odd('a PNG that is a web page too', Buffer.concat([png, Buffer.from(SMUGGLED)])),
    odd('a PNG with a script in its texts', withChunks(png, pngChunk('tEXt', Buffer.from(`a\0${SMUGGLED}`)))),
    odd('a JPEG with a script in its comment', withSegments(jpeg, 0xfe, SMUGGLED, 1)),
    odd('a WebP with an archive behind it', Buffer.concat([webp, Buffer.from(`PK\x03\x04${SMUGGLED}`)])),
  ]
}

/** A red square on white, as raw pixels. */
function square(): Buffer {
  const isInside = (i: number) => {
    const [x, y] = [i % WIDTH, Math.floor(i / WIDTH)]
    return x > WIDTH / 4 && x < (WIDTH * 3) / 4 && y > HEIGHT / 4 && y < (HEIGHT * 3) / 4
  }
  const pixels = Array.from({ length: WIDTH * HEIGHT }, (_, i) =>
    isInside(i) ? [200, 40, 30] : [255, 255, 255],
  )
  return Buffer.from(pixels.flat())
}

/** A file whose frame header says that it is this large. */
function declaring(jpeg: Buffer, sidePx: number): Buffer {
  const changed = Buffer.from(jpeg)
  const frame = changed.indexOf(Buffer.from([0xff, 0xc0]))
  changed.writeUInt16BE(sidePx, frame + 5)
  changed.writeUInt16BE(sidePx, frame + 7)
  return changed
}

/** The last scan again and again: a few kilobytes that would keep a patient decoder busy for minutes. */
function withScans(progressive: Buffer, count: number): Buffer {
  const scan = progressive.subarray(progressive.lastIndexOf(Buffer.from([0xff, 0xda])), -2)
  const repeated = Array.from({ length: count }, () => scan)
  return Buffer.concat([progressive.subarray(0, -2), ...repeated, Buffer.from([0xff, 0xd9])])
}

/** With so many segments of the largest size, or of what they hold where it is one. */
function withSegments(jpeg: Buffer, marker: number, text: string, count: number): Buffer {
  const segments = Array.from({ length: count }, (_, i) => {
    const isIcc = marker === 0xe2
    const place = isIcc ? Buffer.from([i + 1, count]) : Buffer.alloc(0)
    const filling = Buffer.alloc(count === 1 ? 0 : 65_533 - text.length - place.length, 7)
    const data = Buffer.concat([Buffer.from(text, 'latin1'), place, filling])
    const head = Buffer.from([0xff, marker, 0, 0])
    head.writeUInt16BE(data.length + 2, 2)
    return Buffer.concat([head, data])
  })
  return Buffer.concat([jpeg.subarray(0, 2), ...segments, jpeg.subarray(2)])
}

/** A chunk of 64 KB that unpacks to 64 MB. */
function packedChunk(type: string, head: string): Buffer {
  return pngChunk(type, Buffer.concat([Buffer.from(head, 'latin1'), deflateSync(Buffer.alloc(64_000_000))]))
}

/** The picture, then the same again after a moment. */
function animated(png: Buffer): Buffer {
  const control = (sequence: number) => {
    const data = Buffer.alloc(26)
    data.writeUInt32BE(sequence, 0)
    data.writeUInt32BE(WIDTH, 4)
    data.writeUInt32BE(HEIGHT, 8)
    data.writeUInt16BE(100, 20)
    data.writeUInt16BE(100, 22)
    return pngChunk('fcTL', data)
  }
  const at = png.indexOf('IDAT')
  const pixels = png.subarray(at + 4, at + 4 + png.readUInt32BE(at - 4))
  const frame = pngChunk('fdAT', Buffer.concat([Buffer.from([0, 0, 0, 2]), pixels]))
  const end = png.subarray(-12)
  const first = withChunks(
    png.subarray(0, -12),
    pngChunk('acTL', Buffer.from([0, 0, 0, 2, 0, 0, 0, 0])),
    control(0),
  )
  return Buffer.concat([first, control(1), frame, end])
}

/** As much of a lossless WebP as says how large it is. */
function losslessWebpHeader(): Buffer {
  const bits = Buffer.alloc(4)
  bits.writeUInt32LE(16_382 + 16_382 * 2 ** 14)
  const data = Buffer.concat([Buffer.from([0x2f]), bits, Buffer.alloc(59)])
  const length = Buffer.alloc(4)
  length.writeUInt32LE(data.length)
  return riff(Buffer.concat([Buffer.from('VP8L'), length, data]))
}

function riff(body: Buffer): Buffer {
  const length = Buffer.alloc(4)
  length.writeUInt32LE(body.length + 4)
  return Buffer.concat([Buffer.from('RIFF'), length, Buffer.from('WEBP'), body])
}
