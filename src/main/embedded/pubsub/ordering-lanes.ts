import type { Delivery } from './delivery.ts'
import { Fifo } from './fifo.ts'

type Lane = {
  readonly key: string
  /** In order of publication; what failed, and what was out after it, is at the front again. */
  readonly waiting: Fifo<Delivery>
  /** One batch, in order of publication; what is acknowledged stays until all before it are, too. */
  readonly out: Set<Delivery>
}

/**
 * The deliveries that have an ordering key, one lane a key. A lane gives out one batch, to one consumer, and the
 * next when all of that batch is settled. When a delivery fails, those of the batch that come after it are taken
 * back and follow it again, even those that are acknowledged; as long as its retry is delayed, the lane waits.
 */
export class OrderingLanes {
  readonly #lanes = new Map<string, Lane>()
  readonly #ready = new Set<Lane>()
  #open: Lane | undefined
  #length = 0

  /** How many wait. */
  get length(): number {
    return this.#length
  }

  add(delivery: Delivery): void {
    const key = delivery.message.orderingKey
    let lane = this.#lanes.get(key)
    if (!lane) this.#lanes.set(key, (lane = { key, waiting: new Fifo(), out: new Set() }))
    lane.waiting.push(delivery)
    this.#length++
    this.#refresh(lane)
  }

  /** The next delivery of the batch begun, or the first of another lane's. */
  next(): Delivery | undefined {
    const lane = this.#open ?? this.#ready.values().next().value
    const delivery = lane?.waiting.shift()
    if (!lane || !delivery) return undefined
    this.#length--
    lane.out.add(delivery)
    this.#refresh(lane)
    this.#open = this.#front(lane)?.state === 'ready' ? lane : undefined
    return delivery
  }

  /** What comes next goes to another consumer. */
  endBatch(): void {
    this.#open = undefined
  }

  /** Takes a failed delivery back, and all that were out after it, which are returned. */
  fail(delivery: Delivery): Delivery[] {
    const lane = this.#laneOf(delivery)
    if (!lane?.out.has(delivery)) return []
    const batch = [...lane.out]
    const failed = batch.slice(batch.indexOf(delivery))
    for (const each of failed) lane.out.delete(each)
    lane.waiting.putBack(failed)
    this.#length += failed.length
    return failed.slice(1)
  }

  /** A delivery is acknowledged. Returns those that are settled with it: it may come back when one before it fails. */
  acknowledge(delivery: Delivery): Delivery[] {
    const lane = this.#laneOf(delivery)
    // One that waits is out of a batch that could take it back.
    const settled = lane?.out.has(delivery) ? [] : [delivery]
    if (!lane) return settled
    for (const first of lane.out) {
      if (first.state !== 'gone') break
      lane.out.delete(first)
      settled.push(first)
    }
    this.#refresh(lane)
    return settled
  }

  /** A delivery is gone for good. Returns those that are settled with it. */
  remove(delivery: Delivery): Delivery[] {
    this.#laneOf(delivery)?.out.delete(delivery)
    return this.acknowledge(delivery)
  }

  /** A failed delivery is ready again. */
  giveBack(delivery: Delivery): void {
    const lane = this.#laneOf(delivery)
    if (lane) this.#refresh(lane)
  }

  #laneOf(delivery: Delivery): Lane | undefined {
    return this.#lanes.get(delivery.message.orderingKey)
  }

  #front(lane: Lane): Delivery | undefined {
    while (lane.waiting.peek()?.state === 'gone') {
      lane.waiting.shift()
      this.#length--
    }
    return lane.waiting.peek()
  }

  #refresh(lane: Lane): void {
    const front = this.#front(lane)
    if (lane.out.size === 0 && front?.state === 'ready') this.#ready.add(lane)
    else this.#ready.delete(lane)
    if (lane.out.size === 0 && !front) this.#lanes.delete(lane.key)
  }
}
