import type { Adjacency } from '../protocol.ts'
import type { EdgeSamples } from './edge-samples.ts'
import { pixelKernel } from '../kernel.ts'
import { runTogether, type SamplePlane } from './sample-plane.ts'

/** Measures where tones meet at a hard edge and where they run into each other, once the kernel has mixed the samples. */
export function findAdjacency(
  plane: SamplePlane,
  nearestTone: Uint8Array,
  edges: EdgeSamples,
  size: number,
): Adjacency {
  const { columns, rows } = plane
  const edge = new Float64Array(size * size)
  const ramp = new Float64Array(size * size)
  const sampleLength = 1 / Math.max(columns, rows)
  let edgeTotal = 0
  for (let i = 0; i < edges.count; i++) {
    if (edges.from[i]! < 0) continue
    edgeTotal++
    meet(edge, size, nearestTone[edges.from[i]!]!, nearestTone[edges.to[i]!]!, 1)
  }
  const kernel = pixelKernel()
  const borders = kernel.listBorders()
  for (const border of new Uint32Array(kernel.memory.buffer, kernel.listed.value, borders)) {
    const sample = border >> 1
    const other = (border & 1) === 0 ? sample + 1 : sample + columns
    if (runTogether(plane, sample, other)) {
      meet(ramp, size, nearestTone[sample]!, nearestTone[other]!, sampleLength)
    } else {
      edgeTotal++
      meet(edge, size, nearestTone[sample]!, nearestTone[other]!, 1)
    }
  }
  if (edgeTotal > 0) for (let i = 0; i < edge.length; i++) edge[i]! /= edgeTotal
  return { size, edge, ramp }
}

function meet(matrix: Float64Array, size: number, one: number, other: number, amount: number): void {
  if (one === other) return
  matrix[one * size + other]! += amount
  matrix[other * size + one]! += amount
}
