import fc from 'fast-check'

type Ids = { readonly taskId: string; readonly userId: string }

/** Values that a field should not have, or that look as if it should not. */
const anyValue = fc.oneof(
  fc.jsonValue({ maxDepth: 2 }),
  fc.string({ unit: 'binary' }),
  fc.constantFrom(null, '', ' ', '\0', '\ud800', '\ufeff', 'true', '7', 0, -0, 1.5, 1e9, 1e308, [], {}, true),
  fc.constantFrom('constructor', '__proto__', "'; DROP TABLE tasks; --", '{{7*7}}', '${7*7}', '../..', '%00'),
  fc.integer({ min: 4_000, max: 20_000 }).map((length) => 'x'.repeat(length)),
)

const FIELDS = ['logo_description', 'theme_description', 'num_palettes', 'is_anonymous'] as const

/** Fields of a request, of which some are missing or anything at all. */
const anyFields = fc
  .record({
    wrong: fc.dictionary(fc.constantFrom(...FIELDS), anyValue, { minKeys: 1, maxKeys: 4 }),
    missing: fc.subarray([...FIELDS]),
    further: fc.dictionary(
      fc.oneof(fc.string(), fc.constantFrom('__proto__', 'constructor', '\0')),
      anyValue,
      {
        maxKeys: 3,
      },
    ),
  })
  .map(({ wrong, missing, further }) => {
    const good = {
      logo_description: 'a fox',
      theme_description: 'autumn',
      num_palettes: 1,
      is_anonymous: true,
    }
    const kept = Object.entries({ ...good, ...wrong }).filter(([name]) => !missing.includes(name as never))
    return { ...further, ...Object.fromEntries(kept) }
  })

const anyId = (good: (ids: Ids) => string) =>
  fc.oneof(
    { weight: 6, arbitrary: fc.constant<(ids: Ids) => unknown>(good) },
    { weight: 1, arbitrary: fc.constant<(ids: Ids) => unknown>((ids) => good(ids).toUpperCase()) },
    { weight: 1, arbitrary: anyValue.map((value) => () => value) },
  )

/** What may happen to a message on its way: nothing, mostly. */
const anyDamage = fc.oneof(
  { weight: 6, arbitrary: fc.constant((bytes: Buffer) => bytes) },
  { weight: 1, arbitrary: fc.double({ min: 0, max: 1, noNaN: true }).map(cutAt) },
  { weight: 1, arbitrary: fc.tuple(fc.double({ min: 0, max: 1, noNaN: true }), fc.nat(255)).map(changedAt) },
  {
    weight: 1,
    arbitrary: fc.constantFrom(
      (bytes: Buffer) => Buffer.from(bytes.toString('base64')),
      (bytes: Buffer) => Buffer.concat([Buffer.from('\ufeff'), bytes]),
      (bytes: Buffer) => Buffer.from(`[${bytes.toString()}]`),
      (bytes: Buffer) => Buffer.from(bytes.toString(), 'utf16le'),
      (bytes: Buffer) => Buffer.concat([bytes, bytes]),
      (bytes: Buffer) => Buffer.from(`{"a":${'['.repeat(50_000)},${bytes.subarray(1).toString()}`),
      (bytes: Buffer) => Buffer.from(`{"num_palettes":7,"user_id":"other",${bytes.subarray(1).toString()}`),
    ),
  },
)

function cutAt(part: number): (bytes: Buffer) => Buffer {
  return (bytes) => bytes.subarray(0, Math.max(1, Math.floor(bytes.length * part)))
}

function changedAt([part, value]: [number, number]): (bytes: Buffer) => Buffer {
  return (bytes) => {
    const changed = Buffer.from(bytes)
    changed[Math.floor((bytes.length - 1) * part)] = value
    return changed
  }
}

/** Messages about a task: hardly a good one among them, and nothing that Pub/Sub itself would refuse. */
export const anyMessage: fc.Arbitrary<(ids: Ids) => Buffer> = fc.oneof(
  {
    weight: 8,
    arbitrary: fc
      .record({
        taskId: anyId(({ taskId }) => taskId),
        userId: anyId(({ userId }) => userId),
        type: fc.oneof({ weight: 6, arbitrary: fc.constant('concept_generation') }, anyValue),
        fields: anyFields,
        damage: anyDamage,
      })
      .map(({ taskId, userId, type, fields, damage }) => (ids: Ids) => {
        const message = { task_id: taskId(ids), user_id: userId(ids), task_type: type, ...fields }
        return damage(Buffer.from(JSON.stringify(message)))
      }),
  },
  {
    weight: 1,
    arbitrary: fc.uint8Array({ minLength: 1, maxLength: 200 }).map((bytes) => () => Buffer.from(bytes)),
  },
  { weight: 1, arbitrary: fc.json().map((json) => () => Buffer.from(json)) },
)
