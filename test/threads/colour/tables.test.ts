import { createHash } from 'node:crypto'
import { expect, test } from 'vitest'
import { cubeRootOfStep, lightOfBytes } from '../../../src/threads/colour/lab-table.ts'
import { byteOfStep, linearOfByte } from '../../../src/threads/colour/srgb.ts'

function digestOf(...tables: readonly (Float64Array | Float32Array | Int32Array | Uint8Array)[]): string {
  const hash = createHash('sha256')
  for (const { buffer, byteOffset, byteLength } of tables)
    hash.update(new Uint8Array(buffer, byteOffset, byteLength))
  return hash.digest('hex').slice(0, 16)
}

// Pictures are the same bytes everywhere only if these are. Powers and roots are not: their last bit differs between x64
// and arm64, and between Node 22 and 24.
test('the tables of colours are the same on every processor and with every Node', () => {
  expect(digestOf(linearOfByte)).toBe('8f3f371067b3213b')
  expect(digestOf(byteOfStep)).toBe('039be41cfefef199')
  expect(digestOf(cubeRootOfStep)).toBe('ac9eec048cc3932f')
  expect(digestOf(...lightOfBytes.flat())).toBe('d84ee45841dc9070')
})
