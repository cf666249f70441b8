import type { MetricObjectWithValues, MetricValue } from 'prom-client'

/** What the primary asks a process; each answer carries the question's number. */
export type Question = { readonly id: number; readonly ask: 'readiness' | 'metrics' }

/** What a process tells the primary: that its worker has started, and answers. */
export type Message = { readonly started: true } | { readonly id: number; readonly answer: unknown }

/** The checks of a worker, by name. */
export type Readiness = Readonly<Record<string, boolean>>

/** prom-client's form of what has been counted. */
export type CountedMetrics = readonly MetricObjectWithValues<MetricValue<string>>[]
