import type { Room } from './consumer.ts'
import type { Delivery } from './delivery.ts'
import { Fifo } from './fifo.ts'
import { OrderingLanes } from './ordering-lanes.ts'

/**
 * The deliveries of a subscription that wait for a consumer: new ones in order of publication, those to be
 * delivered again, and those with an ordering key. The three take turns, so that a message that fails again and
 * again is retried at once and still holds up nothing else.
 */
export class Backlog {
  readonly #isOrdered: boolean
  readonly #fresh = new Fifo<Delivery>()
  readonly #again = new Fifo<Delivery>()
  readonly #lanes = new OrderingLanes()
  #turn = 0

  /** @param isOrdered whether ordering keys count. */
  constructor(isOrdered: boolean) {
    this.#isOrdered = isOrdered
  }

  /** How many wait; those that wait behind a delivery of their key are counted too. */
  get length(): number {
    return this.#fresh.length + this.#again.length + this.#lanes.length
  }

  add(delivery: Delivery): void {
    if (this.#hasLane(delivery)) this.#lanes.add(delivery)
    else this.#fresh.push(delivery)
  }

  /** As many as the room allows. */
  take(room: Room): Delivery[] {
    const taken: Delivery[] = []
    let bytes = 0
    while (taken.length < room.messages && bytes < room.bytes) {
      const delivery = this.#next()
      if (!delivery) break
      taken.push(delivery)
      bytes += delivery.message.sizeBytes
    }
    this.#lanes.endBatch()
    return taken
  }

  /** Notes that a delivery that was taken has failed. Returns those that must be taken back with it. */
  fail(delivery: Delivery): Delivery[] {
    return this.#hasLane(delivery) ? this.#lanes.fail(delivery) : []
  }

  /** A failed delivery is ready again. */
  giveBack(delivery: Delivery): void {
    if (this.#hasLane(delivery)) this.#lanes.giveBack(delivery)
    else this.#again.push(delivery)
  }

  /**
   * A delivery is acknowledged, whether it was taken or still waited. Returns those that are settled with it; as long
   * as it is not, `fail` may return it once more.
   */
  acknowledge(delivery: Delivery): Delivery[] {
    return this.#hasLane(delivery) ? this.#lanes.acknowledge(delivery) : [delivery]
  }

  /** A delivery is gone for good, whether it was taken or still waited. Returns those that are settled with it. */
  remove(delivery: Delivery): Delivery[] {
    return this.#hasLane(delivery) ? this.#lanes.remove(delivery) : [delivery]
  }

  #hasLane(delivery: Delivery): boolean {
    return this.#isOrdered && delivery.message.orderingKey !== ''
  }

  #next(): Delivery | undefined {
    for (let tries = 0; tries < 3; tries++) {
      this.#turn = (this.#turn + 1) % 3
      const delivery =
        this.#turn === 0 ? present(this.#again) : this.#turn === 1 ? present(this.#fresh) : this.#lanes.next()
      if (delivery) return delivery
    }
    return undefined
  }
}

/** The first that is not gone: one whose lease ran out may still be acknowledged while it waits. */
function present(queue: Fifo<Delivery>): Delivery | undefined {
  for (;;) {
    const delivery = queue.shift()
    if (delivery?.state !== 'gone') return delivery
  }
}
